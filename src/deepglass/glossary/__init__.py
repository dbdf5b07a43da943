"""Glossary: the large words of the field, each with commands that show it and with its sources."""

from deepglass.glossary.history import HISTORY
from deepglass.glossary.ideas import IDEAS
from deepglass.glossary.options import OPTIONS, Option
from deepglass.glossary.reading import READING
from deepglass.glossary.term import Term
from deepglass.glossary.uses import USES

GLOSSARY: dict[str, Term] = {**IDEAS, **HISTORY, **USES, **READING}

__all__ = ["GLOSSARY", "OPTIONS", "Option", "Term"]
