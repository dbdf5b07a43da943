"""By hand: a small network calculated number by number, forward, back and one step down, with every formula."""

from torch import nn

from deepglass.by_hand.activations import FUNCTIONS, Activation
from deepglass.by_hand.attention import DotProduct
from deepglass.by_hand.calculation import byhand
from deepglass.by_hand.cells import GatedCell, LongShortCell, PlainCell
from deepglass.by_hand.check_mine import Checked
from deepglass.by_hand.convolution import Convolution
from deepglass.by_hand.dense import Dense
from deepglass.by_hand.dropping import Dropout
from deepglass.by_hand.enlarging import Enlarging
from deepglass.by_hand.group_normalization import GroupNormalization, InstanceNormalization
from deepglass.by_hand.gru import GatedRecurrent
from deepglass.by_hand.lenet_layers import PartialConvolution, TrainedSubsampling
from deepglass.by_hand.looking_up import LookingUp
from deepglass.by_hand.lstm import LongShortTerm
from deepglass.by_hand.multi_head import SelfHeads, TorchHeads
from deepglass.by_hand.normalization import BatchNormalization, LayerNormalization
from deepglass.by_hand.of_data import of_data
from deepglass.by_hand.padded_shortcut import PaddedSkip
from deepglass.by_hand.padding import Padding
from deepglass.by_hand.parametric import ParametricReLU
from deepglass.by_hand.passing import Flattening, Passing
from deepglass.by_hand.pooling import AveragePooling, MaxPooling, NormPooling
from deepglass.by_hand.recurrent import PlainRecurrent
from deepglass.by_hand.response_normalization import ResponseNormalization
from deepglass.by_hand.rms_normalization import RootMeanSquare
from deepglass.by_hand.rule import Rule
from deepglass.by_hand.sheet import Row
from deepglass.by_hand.softmax import Softmax
from deepglass.by_hand.table import ByHand
from deepglass.by_hand.transposed_convolution import TransposedConvolution
from deepglass.layers import PartialConv2d, Subsampling
from deepglass.layers.attention import DotProductAttention, SelfAttention
from deepglass.layers.residual import PaddedShortcut

# Which rule calculates a layer; add a kind of your own with RULES[MyLayer] = MyRule.
RULES: dict[type[nn.Module], type[Rule]] = {
    nn.Linear: Dense,
    nn.Embedding: LookingUp,
    nn.Conv1d: Convolution,
    nn.Conv2d: Convolution,
    nn.Conv3d: Convolution,
    nn.ConvTranspose1d: TransposedConvolution,
    nn.ConvTranspose2d: TransposedConvolution,
    nn.ConvTranspose3d: TransposedConvolution,
    nn.MaxPool1d: MaxPooling,
    nn.MaxPool2d: MaxPooling,
    nn.MaxPool3d: MaxPooling,
    nn.AdaptiveMaxPool1d: MaxPooling,
    nn.AdaptiveMaxPool2d: MaxPooling,
    nn.AdaptiveMaxPool3d: MaxPooling,
    nn.AvgPool1d: AveragePooling,
    nn.AvgPool2d: AveragePooling,
    nn.AvgPool3d: AveragePooling,
    nn.AdaptiveAvgPool1d: AveragePooling,
    nn.AdaptiveAvgPool2d: AveragePooling,
    nn.AdaptiveAvgPool3d: AveragePooling,
    nn.LPPool1d: NormPooling,
    nn.LPPool2d: NormPooling,
    nn.ConstantPad1d: Padding,
    nn.ConstantPad2d: Padding,
    nn.ZeroPad1d: Padding,
    nn.ZeroPad2d: Padding,
    nn.ReflectionPad1d: Padding,
    nn.ReflectionPad2d: Padding,
    nn.ReplicationPad1d: Padding,
    nn.ReplicationPad2d: Padding,
    nn.CircularPad1d: Padding,
    nn.CircularPad2d: Padding,
    **dict.fromkeys(FUNCTIONS, Activation),
    nn.PReLU: ParametricReLU,
    nn.Softmax: Softmax,
    nn.LogSoftmax: Softmax,
    nn.BatchNorm1d: BatchNormalization,
    nn.BatchNorm2d: BatchNormalization,
    nn.BatchNorm3d: BatchNormalization,
    nn.LayerNorm: LayerNormalization,
    nn.RMSNorm: RootMeanSquare,
    nn.LocalResponseNorm: ResponseNormalization,
    nn.GroupNorm: GroupNormalization,
    nn.InstanceNorm1d: InstanceNormalization,
    nn.InstanceNorm2d: InstanceNormalization,
    nn.InstanceNorm3d: InstanceNormalization,
    nn.Dropout: Dropout,
    nn.Dropout1d: Dropout,
    nn.Dropout2d: Dropout,
    nn.Dropout3d: Dropout,
    nn.RNN: PlainRecurrent,
    nn.LSTM: LongShortTerm,
    nn.GRU: GatedRecurrent,
    nn.RNNCell: PlainCell,
    nn.LSTMCell: LongShortCell,
    nn.GRUCell: GatedCell,
    nn.MultiheadAttention: TorchHeads,
    SelfAttention: SelfHeads,
    DotProductAttention: DotProduct,
    nn.Upsample: Enlarging,
    PartialConv2d: PartialConvolution,
    Subsampling: TrainedSubsampling,
    nn.Flatten: Flattening,
    nn.Identity: Passing,
    PaddedShortcut: PaddedSkip,
}

__all__ = ["RULES", "ByHand", "Checked", "Row", "Rule", "byhand", "of_data"]
