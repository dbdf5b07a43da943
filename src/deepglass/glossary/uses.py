"""Uses: what learning machines are shown with, and what they are."""

from deepglass.glossary.term import Term

USES = {
    "search-and-quiz": Term(
        "Search engines learn in which order to put pages, quiz machines which of many candidate answers is likeliest. Both are "
        "classical machine learning first: features of a page or of a candidate, and a model that ranks. IBM's Watson won the quiz "
        "Jeopardy! in 2011 so, without a deep network.",
        see=("deepglass train stories --network reader",),
        sources=('Ferrucci et al., "Building Watson", AI Magazine 31, 2010',),
    ),
    "narrow-skills": Term(
        "Assistants, translators and recognizers each do one kind of thing: turn sound into words, words into other words, pixels "
        "into names. An assistant is several such skills in a row. None of them carries over to another task without training "
        "for it.",
        see=("deepglass train reversal --network seq2seq", "deepglass experiment new-speakers"),
    ),
    "law-and-press": Term(
        "Legal assistants find passages in contracts and judgements; in the press, pictures and headlines show what machines are "
        "feared or hoped to do. The first is search and text classification, with a person who answers for the result. Of the "
        "second ask: which task, which data, which figure, measured on what, beside which simple model.",
        see=("deepglass evaluate RUN",),
    ),
}
