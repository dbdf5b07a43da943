"""Along time: the experiments on texts, series and what recurrent networks remember."""

from deepglass.experiments.experiment import Experiment, Form
from deepglass.experiments.forcing import forced_reversal, forced_waves
from deepglass.experiments.ordering import shuffled_series
from deepglass.experiments.recurrence import both_ways, exploding
from deepglass.experiments.remembering import longer_paths, open_gates, short_memory
from deepglass.experiments.reviews import plain_and_lstm
from deepglass.experiments.sentences import which_digit, year_extraction

ALONG_TIME: dict[str, Experiment] = {
    "teacher-forcing": Experiment(
        "EX-55",
        "Teacher forcing simplifies training.",
        forced_waves,
        full=Form("waves", 800, 0, 60),
        small=Form("waves", 800, 0, 15, (0,)),
        note="It is easier to fit, and runs worse by itself: what it meets there it has never seen in training. Both errors count.",
        verdict="part",
    ),
    "forced-reversal": Experiment(
        "EX-56",
        "Teacher forcing helps to learn to write sequences backwards.",
        forced_reversal,
        full=Form("symbols", 3200, 500, 30),
        small=Form("few symbols", 1920, 200, 6, (0,)),
        note="Not on this task, where what it says soon is right.",
        verdict="no",
    ),
    "which-digit": Experiment(
        "EX-57",
        "A dense network has to learn a word anew at each place; sharing weights solves it.",
        which_digit,
        full=Form("sentences", 2000, 500, 15),
        small=Form("sentences", 1000, 200, 12, (0,)),
        note="A GRU shares its weights along time as well, but has to hold the digit for longer than it ever had to.",
    ),
    "year-extraction": Experiment(
        "I25",
        "A network that shares its weights along a sentence finds the year in 'I went to London in 2010' wherever it stands.",
        year_extraction,
        full=Form("sentences", 1000, 200, 6),
        small=Form("sentences", 400, 100, 4, (0,)),
    ),
    "sentiment": Experiment(
        "EX-59",
        "For sentiment a plain recurrent network is poor, an LSTM much better.",
        plain_and_lstm,
        full=Form("rt-polarity", 8530, 2132, 5),
        small=Form("reviews", 1000, 300, 10, (0,)),
        note="On real reviews the LSTM is ahead, but both by their last state are behind a mean of word vectors (`--network bag`, "
        "0.76).",
        verdict="part",
    ),
    "shuffled-series": Experiment(
        "EX-58",
        "Ordered data must not be shuffled.",
        shuffled_series,
        full=Form("points", 1000, 0, 0, (0, 1, 2, 3, 4)),
        small=Form("points", 500, 0, 0, (0, 1, 2)),
        note="Forecast by scikit-learn's random forest; no network is trained.",
    ),
    "short-memory": Experiment(
        "EX-51",
        "A plain recurrent network has a very short memory.",
        short_memory,
        full=Form("symbols", 4000, 1000, 30),
        small=Form("few symbols", 1500, 300, 6, (0,)),
        note="How short depends on rate and seed, too: at three times the rate, two of three seeds name the first of 60, and at "
        "this one, one of three fails at 10 and another names the first of 100 in the end.",
    ),
    "open-gates": Experiment(
        "EX-52",
        "LSTM and GRU remember for longer.",
        open_gates,
        full=Form("symbols", 4000, 1000, 12),
        small=Form("few symbols", 2000, 300, 8, (0,)),
        note="They do once the gate that keeps starts open, which is what lstm and gru do here; as torch draws it, it starts half "
        "shut, and they learn later or not at all.",
        verdict="part",
    ),
    "exploding-gradients": Experiment(
        "EX-53",
        "Gradients through time explode, and clipping cures it.",
        exploding,
        full=Form("symbols", 640, 0, 60),
        small=Form("few symbols", 640, 0, 15, (0,)),
    ),
    "both-ways": Experiment(
        "EX-54",
        "A bidirectional network uses the whole input.",
        both_ways,
        full=Form("symbols", 2000, 500, 15),
        small=Form("few symbols", 400, 100, 10, (0,)),
    ),
    "longer-paths": Experiment(
        "EX-60",
        "Leaky units and connections that skip steps help to remember.",
        longer_paths,
        full=Form("symbols", 3000, 1000, 12),
        small=Form("few symbols", 800, 200, 5, (0,)),
        note="A connection of the right delay solves both tasks. Leaky units and slow groups lift every seed off chance on the "
        "first symbol, without getting all right in this time; leaky ones do not copy, they blur.",
        verdict="part",
    ),
}
