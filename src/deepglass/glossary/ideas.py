"""Ideas: what the large words mean, and what they do not."""

from deepglass.glossary.term import Term

IDEAS = {
    "nerve-cell": Term(
        "What the units of a network are named after, and hardly more than that. A unit adds weighted numbers and bends the sum; a "
        "nerve cell sends pulses in time, has thousands of branches that compute on their own, is changed by its chemistry, and is "
        "not known to learn by back-propagation. Warning: comparing the two is very rough. That networks work says nothing of "
        "brains, and what brains do is no argument for a network.",
        see=("deepglass byhand RUN --example 3", "deepglass glossary unit"),
        sources=('Goodfellow, Bengio and Courville, "Deep Learning", 2016, section 1.2.1',),
    ),
    "unit": Term(
        "One weighted sum of all inputs and a bias, sent through an activation: a = f(w.x + b). Several on the same input are a "
        "layer, and their number is its width.",
        see=("deepglass byhand RUN --example 3", "deepglass look RUN --layer hidden1"),
    ),
    "fields": Term(
        "Artificial intelligence contains machine learning, which contains neural networks, which contain deep learning.\n"
        "  +- artificial intelligence: also rules and search that somebody wrote -----+\n"
        "  |  +- machine learning: whatever is fitted to examples, also trees ------+  |\n"
        "  |  |  +- neural networks: layers of units, also a single one ---------+  |  |\n"
        "  |  |  |  +- deep learning: several layers that learn their features + |  |  |\n"
        "  |  |  |  +----------------------------------------------------------+ |  |  |\n"
        "  |  |  +-------------------------------------------------------------+  |  |\n"
        "  |  +------------------------------------------------------------------+  |\n"
        "  +-------------------------------------------------------------------------+\n"
        "Here the rings are side by side: every report compares a network with simple models that are no network.",
        see=("deepglass train iris", "deepglass glossary classical-or-deep"),
        sources=(
            'Samuel, "Some Studies in Machine Learning Using the Game of Checkers", 1959, for the name machine learning',
        ),
    ),
    "strong-and-weak": Term(
        "Weak artificial intelligence does one kind of task; a strong one would understand and want, as a mind does. All that runs "
        "today is of the weak kind, also where it talks fluently. Films show the strong kind, from Metropolis (1927) to 2001 "
        "(1968) and The Terminator (1984); so did Asimov's three laws of robotics, which are a device of stories and not a method: "
        "no network can be given a law to obey, only examples and a loss.",
        see=("deepglass glossary narrow-skills",),
        sources=('Searle, "Minds, Brains, and Programs", 1980', 'Asimov, "Runaround", 1942'),
    ),
    "deep": Term(
        "Deep means many layers, not deep understanding: a network with two or more hidden layers, whose layers learn their "
        "features one from the other. In practice the word also stands for very large networks and very much data.",
        see=(
            "deepglass networks mlp --input 784 --outputs 10 --set 'network.hidden=[30]'",
            "deepglass experiment depth-ladder",
        ),
    ),
    "families": Term(
        "Three families: feed-forward networks for rows of a table, convolutional ones for pictures and signals, recurrent ones "
        "for texts and series. A dense layer has a weight for every pair of numbers; a convolution uses the same few weights at "
        "every place; a recurrent layer uses the same weights at every step. Take the one whose sharing is true of the data.",
        see=(
            "deepglass networks --data digits",
            "deepglass experiment convolutions",
            "deepglass experiment which-digit",
        ),
    ),
    "classical-or-deep": Term(
        "On tables of some thousand rows trees and linear models are often as good as a network, on pictures, sound and text a "
        "network wins that learns its own features. For the classical way: little data, "
        "little time, few settings, features that people understand. Against it: somebody has to make those features. For the deep "
        "way: it takes the numbers as they are and gains from more data. Against it: data hunger, computation, many settings, hard "
        "to explain. Do not believe it, measure it: every report has both on the same examples, with an interval.",
        see=("deepglass train wine", "deepglass experiment more-data", "deepglass experiment learned-features"),
    ),
    "no-magic": Term(
        "Algorithms fitted to examples, with all that is wrong with the examples. A network repeats the bias of its data: where a "
        "group of people is rare or was judged unfairly, it answers unfairly, while the overall accuracy looks well. So measure "
        "each group, and know what went in.",
        see=("deepglass evaluate RUN --by sex", "deepglass data adult --check"),
    ),
    "universal-approximation": Term(
        "One hidden layer that is wide enough can come as close as wanted to any continuous function on a bounded range. It says "
        "that good weights exist. It does not say how many units are needed, that training finds the weights, or that what was "
        "learned holds for new examples.",
        see=("deepglass experiment universal-approximation",),
        sources=('Cybenko, "Approximation by Superpositions of a Sigmoidal Function", 1989',),
    ),
    "local-minimum": Term(
        "A point that no small step improves, while a better one exists elsewhere. Gradient descent is only sure to find the "
        "lowest point of a loss that is convex, as that of a linear model; a network's is not. In wide networks it matters little: "
        "most of their minima are nearly as good as the best, so different starts end alike. In small ones a start can be stuck, "
        "and several starts (--seeds) or the noise of small batches help. Nor does the very lowest training loss have to be "
        "wanted: it may be overfitting.",
        see=(
            "deepglass train xor --network mlp --set 'network.hidden=[3]' --seeds 5",
            "deepglass experiment noisy-loss",
        ),
        sources=(
            'Choromanska et al., "The Loss Surfaces of Multilayer Networks", AISTATS 2015',
            'Goodfellow, Bengio and Courville, "Deep Learning", 2016, section 8.2.2',
        ),
    ),
    "activation": Term(
        "The function that bends the weighted sum of a unit, such as relu or tanh. Without it all layers together are one linear "
        "map. It belongs to the network, and is no loss.",
        see=("deepglass activations", "deepglass train iris --set network.activation=tanh"),
    ),
    "loss": Term(
        "The one number that training makes smaller: how wrong the answers are. It belongs to the task, compares answers with "
        "targets, and is no activation, though some go together: cross-entropy with softmax, squared error with no activation at "
        "the output. What a person wants to know in the end is a metric, such as accuracy.",
        see=("deepglass settings task.loss", "deepglass train diabetes --set task.loss=huber"),
    ),
    "deep-boltzmann-machine": Term(
        "Several layers of units that are on or off by chance, all tied both ways, trained to give the data a high probability. "
        "One of the ways to deep networks before 2012; hardly used since. Slides cite its paper for dropout, which is "
        "from another one.",
        see=("deepglass glossary papers",),
        sources=('Salakhutdinov and Hinton, "Deep Boltzmann Machines", AISTATS 2009',),
    ),
}
