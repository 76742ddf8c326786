import type { Duration } from "@bufbuild/protobuf/wkt";
import type { Block } from "@polyreel/contract";
import { videoBlockNames } from "../choices.js";
import type { Mistake } from "../mistake.js";
import type { Suggestions } from "../nearest.js";
import { quote, quoteAll } from "../quote.js";

/**
 * Checks that the video blocks under a text, or where a voice or sound effect starts, exist. `at` is the block's own
 * path.
 */
export function checkPlaces(block: Block, at: string, blocks: readonly Block[], suggestions: Suggestions): Mistake[] {
  const { name, kind } = block;
  const missing = (subject: string, named: string) => missingBlock(subject, named, blocks, suggestions);
  if (kind.case === "text") {
    return kind.value.over.flatMap((over, index) =>
      missing(`Text block ${quote(name)} lies over`, over).map((mistake) => ({
        ...mistake,
        block: name,
        field: `${at}.text.over[${index}]`,
      })),
    );
  }
  // If the batch has no video block at all, only that is reported.
  if (kind.case === "voice" && kind.value.at) {
    return missing(`Voice block ${quote(name)} starts at`, kind.value.at).map((mistake) => ({
      ...mistake,
      block: name,
      field: `${at}.voice.at`,
    }));
  }
  if (kind.case === "audio" && kind.value.at) {
    return missing(`Audio block ${quote(name)} starts at`, kind.value.at).map((mistake) => ({
      ...mistake,
      block: name,
      field: `${at}.audio.at`,
    }));
  }
  if (kind.case === "audio" && isPositive(kind.value.delay)) {
    return [
      {
        block: name,
        field: `${at}.audio.delay`,
        reason: "A delay counts from the video block that a sound effect starts at, and none is named.",
        remedy: "Name the video block with at.",
      },
    ];
  }
  return [];
}

const isPositive = (duration: Duration | undefined): boolean =>
  duration !== undefined && (duration.seconds > 0n || duration.nanos > 0);

function missingBlock(
  subject: string,
  named: string,
  blocks: readonly Block[],
  suggestions: Suggestions,
): Pick<Mistake, "reason" | "remedy">[] {
  const videos = videoBlockNames(blocks);
  if (videos.includes(named)) return [];
  const other = blocks.find((block) => block.name === named && named !== "");
  const reason = other
    ? `${subject} ${quote(named)}, which is ${article(other.kind.case)} block.`
    : `${subject} ${quote(named)}, and there is no block of that name.`;
  return [{ reason, remedy: remedy(named, videos, suggestions) }];
}

function remedy(named: string, videos: readonly string[], suggestions: Suggestions): string {
  if (videos.length === 0) return "Add the video block, or leave the name out.";
  const near = suggestions.nearest(named, videos);
  const meant = near ? `Did you mean ${quote(near)}? ` : "";
  const be = videos.length === 1 ? "The video block is" : "The video blocks are";
  return `${meant}${be} ${quoteAll(videos)}.`;
}

const article = (kind: string | undefined): string => (kind === "audio" ? "an audio" : `a ${kind ?? "kindless"}`);
