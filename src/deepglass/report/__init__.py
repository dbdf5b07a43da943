"""Report: pictures, the page of a run, and the progress of a training. Matplotlib and jinja2 are imported when used."""

from deepglass.report.contents import Answers, Contents, Points, Received, Surface
from deepglass.report.diagnosis import Diagnosis
from deepglass.report.gather import answers_of, heard_of, raw_inputs, surface_of, texts_of
from deepglass.report.page import render
from deepglass.report.progress import Progress, progress_for
from deepglass.report.received import received_of

__all__ = [
    "Answers",
    "Contents",
    "Diagnosis",
    "Points",
    "Progress",
    "Received",
    "Surface",
    "answers_of",
    "heard_of",
    "progress_for",
    "raw_inputs",
    "received_of",
    "render",
    "surface_of",
    "texts_of",
]
