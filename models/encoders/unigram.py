"""The tokenizer of the bundled model, rebuilt from the vocabulary in its weights."""

from __future__ import annotations

from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

from models.encoders.charsmap import pack_charsmap
from models.encoders.q4file import Q4File
from models.encoders.segmenter import SPACE_MARK


def build_tokenizer(source: Q4File) -> Tokenizer:
    """Return the Unigram tokenizer that the weights were trained with, for other tools.

    Its ids equal those of the `Segmenter`, save that the library drops a combining mark that
    follows a replaced character, and those of the wheel's own engine, save besides that a run
    of unknown characters becomes one unknown token, as in training, where the engine counts
    each character, and that U+0000, at which the engine stops reading, counts as a space.
    """
    words = source.vocabulary
    scored = list(zip(words.pieces, words.scores, strict=True))
    tokenizer = Tokenizer(models.Unigram(scored, unk_id=words.unknown, byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.Replace("\0", " "),
            normalizers.Precompiled(pack_charsmap(source.normalisation)),
            normalizers.Replace(Regex(" {2,}"), " "),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(SPACE_MARK, "always", split=True)
    tokenizer.decoder = decoders.Metaspace(SPACE_MARK, "always", split=True)
    begin, end = words.pieces[words.begin], words.pieces[words.end]
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{begin} $A {end}",
        pair=f"{begin} $A {end} {end} $B {end}",
        special_tokens=[(begin, words.begin), (end, words.end)],
    )
    return tokenizer
