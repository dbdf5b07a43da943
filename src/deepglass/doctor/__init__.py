"""Doctor: what is wrong with a training, in plain words with numbers, and what to try."""

from deepglass.doctor.diagnose import could_tell, diagnose
from deepglass.doctor.finding import Finding, Remedy
from deepglass.doctor.standing import Standing, standing
from deepglass.doctor.symptoms import SYMPTOMS, Symptom

__all__ = ["SYMPTOMS", "Finding", "Remedy", "Standing", "Symptom", "could_tell", "diagnose", "standing"]
