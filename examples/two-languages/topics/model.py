"""Naive Bayes over words and pairs of words, in plain Python: small, but a real model.

It is trained on `training.tsv`, which was written for this example. `python3 -m topics.model` says
how well it does on sentences that it was not trained on.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from pathlib import Path
from typing import Dict, List, Sequence, Tuple

Example = Tuple[str, str]

DATA = Path(__file__).parent


def read_examples(name: str) -> List[Example]:
    """The topics and sentences of a file, one a line."""
    lines = (DATA / name).read_text(encoding="utf-8").splitlines()
    pairs = [line.split("\t", 1) for line in lines if line and not line.startswith("#")]
    return [(topic, sentence) for topic, sentence in pairs]


def find_features(text: str) -> List[str]:
    """The words of a text, shortened to their stems, and each two that stand side by side."""
    words = [shorten(word) for word in re.findall(r"[a-z]+", text.lower())]
    return words + [f"{one} {two}" for one, two in zip(words, words[1:])]


def shorten(word: str) -> str:
    """Takes off what plural, past and -ing put on a word."""
    for ending in ("ing", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) > 2:
            return word[: -len(ending)]
    return word


class Model:
    """Multinomial naive Bayes, with one added to every count."""

    def __init__(self, examples: Sequence[Example]) -> None:
        self._counts: Dict[str, Counter[str]] = {}
        self._texts: Counter[str] = Counter()
        for topic, sentence in examples:
            self._texts[topic] += 1
            self._counts.setdefault(topic, Counter()).update(find_features(sentence))
        self._vocabulary = {feature for counts in self._counts.values() for feature in counts}

    def predict(self, text: str) -> Dict[str, float]:
        """The probability of each topic, rounded to thousandths."""
        known = [feature for feature in find_features(text) if feature in self._vocabulary]
        scores = {topic: self._score(topic, known) for topic in sorted(self._counts)}
        highest = max(scores.values())
        weights = {topic: math.exp(score - highest) for topic, score in scores.items()}
        total = sum(weights.values())
        return {topic: round(weight / total, 3) for topic, weight in weights.items()}

    def _score(self, topic: str, features: Sequence[str]) -> float:
        counts = self._counts[topic]
        total = sum(counts.values()) + len(self._vocabulary)
        prior = math.log(self._texts[topic] / sum(self._texts.values()))
        return prior + sum(math.log((counts[feature] + 1) / total) for feature in features)


def load_model() -> Model:
    """Trains the model: it takes some milliseconds."""
    return Model(read_examples("training.tsv"))


def measure() -> float:
    """The share of the sentences of `test.tsv` that the model gets right."""
    model = load_model()
    examples = read_examples("test.tsv")
    right = 0
    for topic, sentence in examples:
        probabilities = model.predict(sentence)
        right += max(probabilities, key=lambda name: probabilities[name]) == topic
    return right / len(examples)


if __name__ == "__main__":
    print(f"right: {measure():.0%} of sentences that it has not seen")
