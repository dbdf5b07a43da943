"""Reading: books, courses and papers, cited as they were published."""

from deepglass.glossary.term import Term

READING = {
    "keras": Term(
        "What Keras code is called here, line by line.\n"
        "  Sequential([...])                       a list of layers, in a .yaml file or for dg.build([...], data)\n"
        "  Dense(128, activation='relu')           {Linear: 128}, relu\n"
        "  Conv2D(32, 3, padding='same')           {Conv2d: {out_channels: 32, kernel_size: 3, padding: same}}\n"
        "  MaxPooling2D(2), Flatten()              {MaxPool2d: 2}, Flatten\n"
        "  Dropout(0.5), BatchNormalization()      {Dropout: 0.5}, BatchNorm2d (BatchNorm1d behind a dense layer)\n"
        "  LSTM(32), Embedding                     --network lstm --set network.units=32\n"
        "  Dense(10, activation='softmax')         {Linear: outputs}: the loss brings its softmax along\n"
        "  compile(optimizer='adam', loss=...)     --optimizer adam --set task.loss=..., or nothing: both are chosen\n"
        "  fit(x, y, epochs=5, batch_size=32)      dg.train(network, (x, y), epochs=5, batch_size=32)\n"
        "  evaluate, predict, summary, save        run.evaluate(), run.predict(new), run.summary, the run's folder\n"
        "  EarlyStopping(patience=3)               recipe.patience=3: early stopping is on, and gives the best weights back\n"
        "Channels come first here, (3, 64, 64), and last in Keras. Traps of slides in Keras 1: Convolution2D(32, 3, 3) means "
        "kernels of 3x3 there, and since Keras 2 kernels of 3x3 with a stride of 3: write Conv2D(32, (3, 3)). Without "
        "padding='same' a 64x64 picture becomes 62x62. MaxPooling2D makes 2x2 of 5x5, not 3x3, as windows that stick out are "
        "dropped. output_dim, nb_epoch, border_mode and samples_per_epoch are units, epochs, padding and steps_per_epoch today, "
        "and the last counts steps, no samples.",
        see=(
            "deepglass networks convnet --input 3x64x64 --outputs 1 --sizes --set network.padding=valid",
            "deepglass convolve 00000/01000/00010/01110/00000 --kernel max",
        ),
        sources=("Keras, release notes of 2.0.0, 2017", "Keras documentation, Layers API"),
    ),
    "reading": Term(
        "Books and courses to go on with, and what each is best at.",
        sources=(
            'Goodfellow, Bengio and Courville, "Deep Learning", MIT Press 2016: the mathematics, chapters 6 to 10',
            'Nielsen, "Neural Networks and Deep Learning", 2015, free on the web: back-propagation, slowly, on MNIST',
            'Géron, "Hands-On Machine Learning with Scikit-Learn, Keras and TensorFlow", O\'Reilly, 3rd edition 2022: practice',
            "CS231n, Convolutional Neural Networks for Visual Recognition, Stanford, notes on the web: images, and how to train",
            "FIDLE, Formation Introduction au Deep Learning, CNRS, videos and notebooks (French): every family, with exercises",
            'Bishop, "Pattern Recognition and Machine Learning", Springer 2006: losses as likelihoods',
            'Hastie, Tibshirani and Friedman, "The Elements of Statistical Learning", 2nd edition 2009: the classical models',
        ),
    ),
    "papers": Term(
        "The papers that a course on deep learning cites, with the right titles and years. Slides that cite the paper on deep "
        "Boltzmann machines for dropout mean the one of 2014.",
        sources=(
            'Cybenko, "Approximation by Superpositions of a Sigmoidal Function", Mathematics of Control, Signals, and Systems 2, '
            "1989",
            'LeCun, Bottou, Bengio and Haffner, "Gradient-Based Learning Applied to Document Recognition", Proc. IEEE 86, 1998',
            'Hochreiter and Schmidhuber, "Long Short-Term Memory", Neural Computation 9, 1997',
            'LeCun, Bottou, Orr and Müller, "Efficient BackProp", in "Neural Networks: Tricks of the Trade", 1998 and 2012',
            'Glorot and Bengio, "Understanding the Difficulty of Training Deep Feedforward Neural Networks", AISTATS 2010',
            'Glorot, Bordes and Bengio, "Deep Sparse Rectifier Neural Networks", AISTATS 2011',
            'Krizhevsky, Sutskever and Hinton, "ImageNet Classification with Deep Convolutional Neural Networks", NIPS 2012',
            'Maas, Hannun and Ng, "Rectifier Nonlinearities Improve Neural Network Acoustic Models", ICML 2013 workshop',
            'Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov, "Dropout: A Simple Way to Prevent Neural Networks from '
            'Overfitting", JMLR 15, 2014',
            'Simonyan and Zisserman, "Very Deep Convolutional Networks for Large-Scale Image Recognition", ICLR 2015',
            'Ioffe and Szegedy, "Batch Normalization: Accelerating Deep Network Training by Reducing Internal Covariate Shift", '
            "ICML 2015",
            'Srivastava, Greff and Schmidhuber, "Highway Networks", arXiv:1505.00387, 2015',
            'He, Zhang, Ren and Sun, "Deep Residual Learning for Image Recognition", CVPR 2016',
            'Ba, Kiros and Hinton, "Layer Normalization", arXiv:1607.06450, 2016',
        ),
        see=("deepglass glossary reading",),
    ),
}
