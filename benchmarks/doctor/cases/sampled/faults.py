"""Faults: every function that plants one, by its kind."""

from kinds import KINDS

from cases.sampled import faults_data, faults_loop, faults_network, faults_pace, faults_targets
from cases.sampled.planted import Fault

FAULTS: dict[str, Fault] = {
    name: made
    for family in (faults_data, faults_targets, faults_loop, faults_network, faults_pace)
    for name, made in vars(family).items()
    if name in KINDS
}
