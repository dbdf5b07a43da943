"""Lightning: a LightningModule and a Trainer, as documented and tuned."""

from clock import Clock, Size

from peers.lightning import fit, fit_tuned
from peers.small_images import NETWORKS, images


def convnet(size: Size, clock: Clock) -> None:
    fit(NETWORKS["convnet"], images(size), size, clock)


def resnet20(size: Size, clock: Clock) -> None:
    fit(NETWORKS["resnet20"], images(size), size, clock)


def vgg11(size: Size, clock: Clock) -> None:
    fit(NETWORKS["vgg11"], images(size), size, clock)


def tuned_convnet(size: Size, clock: Clock) -> None:
    fit_tuned(NETWORKS["convnet"], images(size), size, clock, low_precision=True)


def tuned_resnet20(size: Size, clock: Clock) -> None:
    fit_tuned(NETWORKS["resnet20"], images(size), size, clock, low_precision=True)


def tuned_vgg11(size: Size, clock: Clock) -> None:
    fit_tuned(NETWORKS["vgg11"], images(size), size, clock, low_precision=True)
