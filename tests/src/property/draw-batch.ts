import { Overrun, Position, TransitionKind } from "@polyreel/contract";
import type { Random } from "./random.js";

/** Available media, by SHA-256. Footage lasts at least half a second. */
export interface Media {
  readonly footage: readonly string[];
  readonly stills: readonly string[];
  readonly beds: readonly string[];
}

/** A description of a choice that both a batch and its model are made from. */
export interface DrawnChoice {
  readonly label: string;
  /** Omitted: the choice is empty. */
  readonly sha256?: string;
  /** Unreadable: combinations with it fail. */
  readonly bad?: boolean;
  readonly still?: boolean;
  readonly trimmed?: boolean;
  /** Of texts and voices; empty: none. */
  readonly words?: string;
  readonly tone: string;
}

export interface DrawnBlock {
  readonly name: string;
  readonly kind: "video" | "text" | "voice" | "audio";
  readonly link: string;
  readonly choices: readonly DrawnChoice[];
  /** Of videos. */
  readonly transition: TransitionKind | undefined;
  /** Of texts: names of video blocks. */
  readonly over: readonly string[];
  readonly position: Position;
  /** Of voices and effects: a video block. */
  readonly at: string;
  readonly overrun: Overrun;
}

/** What a rule may refer to. */
export interface Labels {
  readonly canvas: string;
  readonly label: (block: string) => string;
  readonly tone: (block: string) => string;
}

/** A rule in two forms: in CEL, and as its meaning. */
export interface DrawnRule {
  readonly cel: string;
  readonly holds: (labels: Labels) => boolean;
}

export interface DrawnBatch {
  /** Labels of several canvases; empty: there is one. */
  readonly canvases: readonly string[];
  readonly blocks: readonly DrawnBlock[];
  readonly rules: readonly DrawnRule[];
  readonly sample: { readonly count: number; readonly seed: number } | undefined;
  readonly naming: string;
}

/** More combinations would find no more mistakes. */
const MAX_COMBINATIONS = 400;

/** Normal names, and problematic ones. */
const LABELS = [
  ...["friday", "Friday", "half price", "1", "½ off", "größe", "日本語", "🔥", "مرحبا", "e\u0301", "é"],
  ...["../up", "a/b", "a\\b", 'say "hi"', "it's", "CON", "nul.txt", ".hidden", "dot.", "a_b", "a-b", "a  b", "{hook}"],
  "a very long label that goes on and on and on, much longer than a part of a file's name should ever be",
  "new\nline",
];
const TONES = ["warm", "cold"] as const;

export function drawBatch(random: Random, media: Media): DrawnBatch {
  const videos = random.whole(1, 3);
  const names = Array.from({ length: videos }, (_, i) => `v${i}`);
  const others = Array.from({ length: random.whole(0, 3) }, (_, i) => ({
    name: `o${i}`,
    kind: random.pick(["text", "voice", "audio"] as const),
  }));
  const kinds = random.shuffled([...names.map((name) => ({ name, kind: "video" as const })), ...others]);
  // Video blocks are in the order of the batch.
  const videoNames = kinds.filter(({ kind }) => kind === "video").map(({ name }) => name);
  // Where a voice holds the last frame, sounds that begin after the picture may be valid: that depends on its length.
  const holds = random.chance(0.3);
  const places = holds ? videoNames.slice(0, 1) : videoNames;
  let room = MAX_COMBINATIONS;
  const linked = random.chance(0.3) ? random.whole(2, 3) : 0;
  const blocks = kinds.map(({ name, kind }, i): DrawnBlock => {
    const link = linked > 0 && i < 2 ? "together" : "";
    const count = link ? linked : Math.min(room, random.whole(1, 4));
    if (!link || i === 0) room = Math.max(1, Math.floor(room / count));
    const labels = random.shuffled(LABELS);
    return {
      name,
      kind,
      link,
      transition: kind === "video" && random.chance(0.3) ? drawTransition(random) : undefined,
      over: random.chance(0.5) ? videoNames : random.shuffled(videoNames).slice(0, 1),
      position: random.pick([Position.TOP, Position.CENTER, Position.BOTTOM]),
      at: kind === "voice" || random.chance(0.4) ? (random.pick(places) ?? "") : "",
      overrun: holds ? Overrun.EXTEND : Overrun.TRIM,
      choices: Array.from({ length: count }, (_, j) => drawChoice(random, kind, labels[j] ?? `${j}`, media)),
    };
  });
  const canvases = random.chance(0.25) ? ["square", "wide"].slice(0, random.whole(1, 2)) : [];
  return {
    canvases,
    blocks,
    rules: Array.from({ length: random.chance(0.4) ? random.whole(1, 2) : 0 }, () =>
      drawRule(random, blocks, canvases),
    ),
    sample: random.chance(0.3) ? { count: random.whole(1, 12), seed: random.whole(0, 9) } : undefined,
    naming: random.pick(["", "", "{v0}", "{batch}-{id}", `x{${kinds[0]?.name}}{${kinds.at(-1)?.name}}`]),
  };
}

const drawTransition = (random: Random) =>
  random.pick([TransitionKind.CROSSFADE, TransitionKind.WIPE_LEFT, TransitionKind.DIP]);

function drawChoice(random: Random, kind: DrawnBlock["kind"], label: string, media: Media): DrawnChoice {
  const common = { label, tone: random.pick(TONES) };
  if (random.chance(0.12)) return common;
  switch (kind) {
    case "video": {
      const still = random.chance(0.3);
      const sha256 = random.pick(still ? media.stills : media.footage) ?? "";
      return { ...common, sha256, still, trimmed: !still && random.chance(0.4), bad: random.chance(0.06) };
    }
    case "audio":
      return { ...common, sha256: random.pick(media.beds) ?? "", bad: random.chance(0.06) };
    case "text":
      return { ...common, words: random.pick(["Half price", "Free", "Now"]) };
    case "voice":
      return { ...common, words: random.pick(["Hi", "Now"]) };
  }
}

function drawRule(random: Random, blocks: readonly DrawnBlock[], canvases: readonly string[]): DrawnRule {
  const atom = (): DrawnRule => {
    const { name, choices } = random.pick(blocks) as DrawnBlock;
    const label = random.pick(choices)?.label ?? "";
    const tone = random.pick(choices)?.tone ?? "";
    const forms: [DrawnRule, ...DrawnRule[]] = [
      { cel: `${name} == ${JSON.stringify(label)}`, holds: (labels) => labels.label(name) === label },
      { cel: `${name} != ${JSON.stringify(label)}`, holds: (labels) => labels.label(name) !== label },
      { cel: `meta.${name}.tone == '${tone}'`, holds: (labels) => labels.tone(name) === tone },
      { cel: `${name} in [${JSON.stringify(label)}]`, holds: (labels) => labels.label(name) === label },
      { cel: "true", holds: () => true },
    ];
    const [canvas] = canvases;
    if (canvas) forms.push({ cel: `canvas == '${canvas}'`, holds: (labels) => labels.canvas === canvas });
    return random.pick(forms);
  };
  const [one, other] = [atom(), atom()];
  return random.pick([
    one,
    { cel: `!(${one.cel})`, holds: (labels) => !one.holds(labels) },
    { cel: `${one.cel} || ${other.cel}`, holds: (labels) => one.holds(labels) || other.holds(labels) },
    { cel: `!(${one.cel} && ${other.cel})`, holds: (labels) => !(one.holds(labels) && other.holds(labels)) },
    { cel: `${one.cel} ? ${other.cel} : true`, holds: (labels) => !one.holds(labels) || other.holds(labels) },
  ]);
}
