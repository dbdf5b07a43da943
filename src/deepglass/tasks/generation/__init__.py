"""Generation: texts that a network writes token by token."""

from deepglass.tasks.generation.beam import Written, beam_search
from deepglass.tasks.generation.generate import Asked, generate
from deepglass.tasks.generation.sampling import distribution, drawn

__all__ = ["Asked", "Written", "beam_search", "distribution", "drawn", "generate"]
