"""The course by hand: labs, each of them declared in a folder of its own."""

from cnnviz.labs.activation import LAB as ACTIVATION
from cnnviz.labs.batch_norm import LAB as BATCH_NORM
from cnnviz.labs.channel_attention import LAB as CHANNEL_ATTENTION
from cnnviz.labs.convolution import LAB as CONVOLUTION
from cnnviz.labs.dense import LAB as DENSE
from cnnviz.labs.edges import LAB as EDGES
from cnnviz.labs.inception import LAB as INCEPTION
from cnnviz.labs.lab import Lab
from cnnviz.labs.lenet import LAB as LENET
from cnnviz.labs.pooling import LAB as POOLING
from cnnviz.labs.residual import LAB as RESIDUAL
from cnnviz.labs.sharing import LAB as SHARING
from cnnviz.labs.stacks import LAB as STACKS

LABS: dict[str, Lab] = {  # in the order of the course
    lab.name: lab
    for lab in (
        *(CONVOLUTION, EDGES, SHARING, POOLING, LENET, ACTIVATION, STACKS),
        *(INCEPTION, BATCH_NORM, RESIDUAL, DENSE, CHANNEL_ATTENTION),
    )
}
