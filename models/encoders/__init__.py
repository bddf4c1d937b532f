"""Encoders: texts in, unit vectors out."""

from models.encoders.api import (
    Encoder,
    EncoderDamaged,
    EncoderError,
    EncoderMissing,
    Progress,
    Role,
)
from models.encoders.loading import load_encoder

__all__ = [
    "Encoder",
    "EncoderDamaged",
    "EncoderError",
    "EncoderMissing",
    "Progress",
    "Role",
    "load_encoder",
]
