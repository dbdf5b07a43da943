"""History: where the field comes from."""

from deepglass.glossary.term import Term

HISTORY = {
    "artificial-intelligence": Term(
        "Machines that do what would need intelligence if people did it. John McCarthy chose the name for a summer workshop at "
        "Dartmouth in 1956, proposed the year before with Marvin Minsky, Nathaniel Rochester and Claude Shannon; its conjecture "
        "was that every aspect of learning or intelligence can be described so precisely that a machine can simulate it. Minsky's "
        "definition is the one above; McCarthy's later one is the science and engineering of making intelligent machines. Neither "
        "says how: rules that somebody wrote count as much as networks that learn.",
        see=("deepglass glossary symbols-and-connections", "deepglass glossary fields"),
        sources=(
            'McCarthy, Minsky, Rochester and Shannon, "A Proposal for the Dartmouth Summer Research Project on Artificial '
            'Intelligence", 1955',
            'Minsky (ed.), "Semantic Information Processing", 1968',
            'McCarthy, "What is Artificial Intelligence?", 2007',
        ),
    ),
    "roots": Term(
        "Neural networks are as old as computers. McCulloch and Pitts described units that add and compare in 1943; Rosenblatt's "
        "perceptron learned in 1958; Minsky and Papert showed in 1969 what one layer cannot do, such as exclusive or. In the 1980s "
        "came Fukushima's neocognitron (1980), back-propagation through several layers (1986) and LeCun's convolutional networks "
        "(1989); the LSTM followed in 1997. What was missing until 2012 was data and speed, more than ideas.",
        see=("deepglass train gaussians --network perceptron", "deepglass train xor --network mlp"),
        sources=(
            'McCulloch and Pitts, "A Logical Calculus of the Ideas Immanent in Nervous Activity", 1943',
            'Rosenblatt, "The Perceptron", Psychological Review 65, 1958',
            'Minsky and Papert, "Perceptrons", 1969',
            'Rumelhart, Hinton and Williams, "Learning representations by back-propagating errors", Nature 323, 1986',
        ),
    ),
    "symbols-and-connections": Term(
        "Two ways to artificial intelligence: write down rules about symbols, or let many simple connected units learn from "
        "examples. The symbolic way led from the 1950s to the expert systems of the 1980s. The connectionist way came back in "
        "2012, when an architecture of the kind that LeCun had built in the 1990s met graphics processors and a million labelled "
        "photographs.",
        see=("deepglass glossary contest-of-2012", "deepglass networks alexnet"),
    ),
    "contest-of-2012": Term(
        "A convolutional network won the ImageNet challenge of 2012 by more than ten points. AlexNet's right label was missing "
        "from its five likeliest in 15.3 % of the photographs, the next best entry's in 26.2 %: 10.9 points between them. It had "
        "eight layers with weights (five convolutions, three dense), about 60 million parameters, ReLU, overlapping pooling and "
        "dropout, and took two graphics processors five to six days for 1.2 million training pictures of 1,000 classes.",
        see=(
            "deepglass networks alexnet --input 3x224x224 --outputs 1000 --set network.variant=paper",
            "deepglass experiment overlapping-pooling",
        ),
        sources=(
            'Krizhevsky, Sutskever and Hinton, "ImageNet Classification with Deep Convolutional Neural Networks", NIPS 2012',
        ),
    ),
    "oldest-in-use": Term(
        "Convolutional networks (1980s) and the LSTM (1997) are among the oldest networks that are still in daily use. Both are "
        "dense layers at heart: a convolution is one whose weights are shared over places and mostly zero, a recurrent layer one "
        "whose weights are shared over time.",
        see=(
            "deepglass convolve '1 2 3 4 5' --kernel '1 2 3' --padding same",
            "deepglass networks lstm --input 20x3 --outputs 2",
        ),
        sources=(
            'Fukushima, "Neocognitron", Biological Cybernetics 36, 1980',
            'LeCun et al., "Backpropagation Applied to Handwritten Zip Code Recognition", Neural Computation 1, 1989',
            'Hochreiter and Schmidhuber, "Long Short-Term Memory", Neural Computation 9, 1997',
        ),
    ),
    "growth": Term(
        "Networks have doubled in size about every 2.4 years since there have been hidden units. So they grow 2^(years / 2.4) "
        "times: 18-fold in ten years, 323-fold in twenty.",
        see=("deepglass quiz growth", "deepglass experiment more-data"),
        sources=('Goodfellow, Bengio and Courville, "Deep Learning", 2016, section 1.2.3',),
    ),
}
