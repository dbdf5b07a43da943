"""Gradient: how the answer changes when an input changes a little, plain or times the input."""

from torch import Tensor

from deepglass.inside.saliency.question import Question


def gradient(question: Question) -> dict[str, Tensor]:
    """The derivative of the answer by each input, with its sign.

    Source: Simonyan, Vedaldi and Zisserman, "Deep Inside Convolutional Networks", arXiv:1312.6034, section 3, who show its
        magnitude, the largest of the channels.
    """
    return question.gradients(question.inputs)


def gradient_x_input(question: Question) -> dict[str, Tensor]:
    """The derivative times the distance of the input from the baseline: what each input adds, if the network were linear.

    Source: Shrikumar, Greenside, Shcherbina and Kundaje, "Not Just a Black Box", arXiv:1605.01713, section 3.
    """
    found = question.gradients(question.inputs)
    return {name: g * (question.inputs[name] - question.baseline[name]) for name, g in found.items()}
