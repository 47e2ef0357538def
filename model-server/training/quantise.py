"""int8 weights whose float16 form is exact.

One scale per output column (or per row of an embedding). A scale keeps four significant bits, so that int8 × scale has at
most 7 + 4 = 11 bits: float16 holds these exactly. Thus the safetensors file (float16) and the ONNX file (int8) carry the
very same weights. The price: a scale is at most 1/8 larger than needed.
"""

import numpy

SCALE_BITS = 4


def round_scale_up(scale):
    """The next number of SCALE_BITS significant bits that is not smaller."""
    mantissa, exponent = numpy.frexp(scale)
    return numpy.ldexp(numpy.ceil(mantissa * 2**SCALE_BITS) / 2**SCALE_BITS, exponent)


def quantise(values, axis):
    """float matrix → (int8 matrix, float32 scales); one scale for all values that differ only along `axis`."""
    largest = numpy.abs(values).max(axis=axis)
    scale = round_scale_up(numpy.where(largest == 0, 1, largest / 127)).astype(numpy.float32)
    return numpy.clip(numpy.round(values / numpy.expand_dims(scale, axis)), -127, 127).astype(numpy.int8), scale


def dequantise(values, axis):
    """The values that an int8 copy stands for: float32, each of them exact in float16."""
    q, scale = quantise(values, axis)
    exact = q.astype(numpy.float32) * numpy.expand_dims(scale, axis)
    assert numpy.array_equal(exact.astype(numpy.float16).astype(numpy.float32), exact)
    return exact
