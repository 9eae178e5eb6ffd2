"""The actor: a model that was trained when this module was imported, and one sentence at a time."""

from __future__ import annotations

from dataclasses import dataclass

from asya import ValidationError, context

from topics.model import load_model


@dataclass
class Sentence:
    text: str
    place: int


@dataclass
class Topic:
    text: str
    place: int
    topic: str
    #: From 0 to 1.
    certainty: float


MODEL = load_model()


def classify(sentence: Sentence) -> Topic:
    """Says what a sentence of a letter is about."""
    if not sentence.text.strip():
        raise ValidationError("the sentence is empty")
    probabilities = MODEL.predict(sentence.text)
    topic = max(probabilities, key=lambda name: probabilities[name])
    context.metrics.counter("sentences", topic=topic)
    return Topic(sentence.text, sentence.place, topic, probabilities[topic])
