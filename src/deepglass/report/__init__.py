"""Report: pictures, the page of a run, and the progress of a training. Each is imported when used."""

from typing import TYPE_CHECKING

from deepglass.lazy import lazily

if TYPE_CHECKING:
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

__getattr__ = lazily(
    __name__,
    {
        "Answers": "deepglass.report.contents",
        "Contents": "deepglass.report.contents",
        "Diagnosis": "deepglass.report.diagnosis",
        "Points": "deepglass.report.contents",
        "Progress": "deepglass.report.progress",
        "Received": "deepglass.report.contents",
        "Surface": "deepglass.report.contents",
        "answers_of": "deepglass.report.gather",
        "heard_of": "deepglass.report.gather",
        "progress_for": "deepglass.report.progress",
        "raw_inputs": "deepglass.report.gather",
        "received_of": "deepglass.report.received",
        "render": "deepglass.report.page",
        "surface_of": "deepglass.report.gather",
        "texts_of": "deepglass.report.gather",
    },
)
