import { create } from "@bufbuild/protobuf";
import { type SpokenWord, SpokenWordSchema } from "@polyreel/contract";
import { align } from "@polyreel/media/speech";
import type { Piece } from "../text/pieces.js";

/**
 * Maps spoken words to the written text: "$50" for "fifty dollars". Each piece of the text lasts from its first to its
 * last spoken word; an unspoken piece, such as a dash or an emoji, joins the piece before it.
 *
 * @param readings the words of each piece as the engine reads it alone
 * @param spoken the spoken words with their times; they differ slightly from those of pieces alone
 */
export function writtenWords(
  pieces: readonly Pick<Piece, "written">[],
  readings: readonly (readonly string[])[],
  spoken: readonly SpokenWord[],
): SpokenWord[] {
  const expected = readings.flatMap((words, owner) => words.map((item) => ({ item, owner })));
  const owners = align(
    expected,
    spoken.map(({ text }) => text),
  );
  const first = owners.find((owner) => owner !== undefined) ?? 0;
  const found: SpokenWord[] = [];
  let before = "";
  let last: { owner: number; word: SpokenWord } | undefined;
  const skip = (from: number, to: number) => {
    const silent = pieces.slice(from, to).map(({ written }) => written);
    if (silent.length === 0) return;
    if (last) last.word.text = [last.word.text, ...silent].join(" ");
    else before = [...silent, ""].join(" ");
  };
  spoken.forEach(({ startSeconds, endSeconds }, i) => {
    const owner = owners[i] ?? last?.owner ?? first;
    if (last?.owner === owner) {
      last.word.endSeconds = endSeconds;
      return;
    }
    skip((last?.owner ?? -1) + 1, owner);
    const text = before + (pieces[owner]?.written ?? "");
    before = "";
    last = { owner, word: create(SpokenWordSchema, { text, startSeconds, endSeconds }) };
    found.push(last.word);
  });
  if (last) skip(last.owner + 1, pieces.length);
  return found;
}
