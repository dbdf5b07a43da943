"""Report: pictures, the page of a run, and the progress of a training. Matplotlib and jinja2 are imported when used."""

from deepglass.report.contents import Answers, Contents, Points, Surface
from deepglass.report.gather import answers_of, heard_of, raw_inputs, surface_of
from deepglass.report.page import render
from deepglass.report.progress import Progress, progress_for

__all__ = [
    "Answers",
    "Contents",
    "Points",
    "Progress",
    "Surface",
    "answers_of",
    "heard_of",
    "progress_for",
    "raw_inputs",
    "render",
    "surface_of",
]
