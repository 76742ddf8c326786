import { create } from "@bufbuild/protobuf";
import {
  type Batch,
  type Block,
  BlockSchema,
  OutputSchema,
  Overrun,
  Sound,
  TextChoiceSchema,
  VideoChoiceSchema,
  VoiceChoiceSchema,
} from "@polyreel/contract";
import { choicesOf } from "@polyreel/spec";
import type { BatchFile } from "@polyreel/spec/batch-file";
import { type Clip, clipsOf } from "./clips.js";
import { everyCombination } from "./find-combination.js";
import { smallCanvases } from "./small-canvas.js";
import { usedSources } from "./used-sources.js";

/** Block that stands for all video blocks: its choices are the clips. */
const CLIP = "clip";
/** Nobody looks at more sheets. */
const MAX_CLIPS = 200;
const NOTHING_SHOWN = create(TextChoiceSchema);
const NOTHING_SAID = create(VoiceChoiceSchema);
const SHEET = { columns: 4, rows: 1, width: 240 };

/**
 * A batch file of which every combination is a distinct clip of `file`'s, as a contact sheet: footage with the texts
 * over it, without sound and transitions. `cut`: there are more clips than these.
 */
export async function distinctClips(file: BatchFile): Promise<{ file: BatchFile; cut: boolean }> {
  const full = everyCombination(file.batch);
  const found = await clipsOf(full, MAX_CLIPS + 1);
  const clips = found.slice(0, MAX_CLIPS);
  const { batch: written } = file;
  const batch: Batch = {
    ...written,
    ...smallCanvases(written),
    name: `${written.name} frames`.trim(),
    blocks: [videoOf(written.blocks, clips), ...written.blocks.flatMap((_, index) => layerOf(written, index, clips))],
    outputs: [create(OutputSchema, { name: "frames", operation: { case: "contactSheet", value: SHEET } })],
    naming: `{${CLIP}}`,
    columns: {},
    where: [],
    continues: "",
    approve: false,
    notify: [],
  };
  delete batch.sample;
  const sources = usedSources(file, batch);
  return { file: { ...file, batch, sources, locate: locator(file, full, clips) }, cut: found.length > clips.length };
}

function videoOf(blocks: readonly Block[], clips: readonly Clip[]): Block {
  const choices = clips.flatMap(({ block, choice, label }) => {
    const { kind } = blocks[block] ?? {};
    if (kind?.case !== "video") return [];
    const { choices, fit } = kind.value;
    const written = choices[choice];
    return written ? create(VideoChoiceSchema, { ...written, label, sound: Sound.MUTED, fit: written.fit || fit }) : [];
  });
  return create(BlockSchema, { name: CLIP, link: CLIP, kind: { case: "video", value: { choices } } });
}

/** A text or voice block with the choice that each clip has of it; nothing if none has. */
function layerOf({ blocks }: Batch, index: number, clips: readonly Clip[]): Block[] {
  const block = blocks[index];
  if (!block || !clips.some(({ over }) => over.has(index))) return [];
  const { kind } = block;
  const linked = { name: block.name, link: CLIP };
  if (kind.case === "text") {
    const choices = clips.map(({ over, label }) =>
      create(TextChoiceSchema, { ...(kind.value.choices[over.get(index) ?? -1] ?? NOTHING_SHOWN), label }),
    );
    return [
      create(BlockSchema, { ...linked, kind: { case: "text", value: { ...kind.value, over: [CLIP], choices } } }),
    ];
  }
  if (kind.case !== "voice") return [];
  const choices = clips.map(({ over, label }) =>
    create(VoiceChoiceSchema, { ...(kind.value.choices[over.get(index) ?? -1] ?? NOTHING_SAID), label }),
  );
  const value = { ...kind.value, at: CLIP, overrun: Overrun.TRIM, choices };
  return [create(BlockSchema, { ...linked, kind: { case: "voice", value } })];
}

/** Locates a clip's choice in the file it comes from. */
function locator({ locate }: BatchFile, full: Batch, clips: readonly Clip[]): BatchFile["locate"] {
  const byLabel = new Map(clips.map((clip) => [clip.label, clip]));
  return ({ field = "", block = "", choice = "" }) => {
    const clip = byLabel.get(choice);
    const index = block === CLIP ? clip?.block : full.blocks.findIndex(({ name }) => name === block);
    const of = index === undefined ? undefined : full.blocks[index];
    const position = block === CLIP ? clip?.choice : clip?.over.get(index ?? -1);
    if (!of || position === undefined) return locate({});
    const named = { block: of.name, choice: choicesOf(of)[position]?.label ?? "" };
    return locate(field.startsWith("blocks[") ? named : { ...named, field });
  };
}
