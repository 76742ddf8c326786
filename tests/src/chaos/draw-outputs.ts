import type { Message, MessageInitShape } from "@bufbuild/protobuf";
import { type DestinationSchema, type OutputSchema, PictureFormat } from "@polyreel/contract";
import type { Random } from "../property/random.js";
import { durationOf } from "../testing/duration.js";

type OutputInit = Exclude<MessageInitShape<typeof OutputSchema>, Message>;
type DestinationInit = Exclude<MessageInitShape<typeof DestinationSchema>, Message>;

export interface DrawnOutputs {
  /** As sent by a client. */
  readonly outputs: readonly OutputInit[];
  /** Per combination. */
  readonly deliveriesEach: number;
  /** In addition to the folder named after the batch. */
  readonly folders: readonly string[];
}

const MAX_OUTPUTS = 4;
const VIRTUAL: DestinationInit = { kind: { case: "virtual", value: {} } };
const DEFAULT_FOLDER: DestinationInit = { kind: { case: "folder", value: {} } };

/** Outputs and destinations of the combinations; `folder` is one that no other batch uses. */
export function drawOutputs(random: Random, folder: string): DrawnOutputs {
  const kind = random.next();
  if (kind < 0.4) return { outputs: [], deliveriesEach: 1, folders: [] };
  // The former spelling of a video with a picture beside it.
  if (kind < 0.55) return { outputs: [{ poster: durationOf(0) }], deliveriesEach: 2, folders: [] };
  const outputs = Array.from({ length: random.whole(1, MAX_OUTPUTS) }, (_, i) => {
    const operation = drawOperation(random);
    // A sheet alone, without a name, is the former spelling.
    const isNamed = operation.case === "contactSheet" || random.chance(0.5);
    return { name: isNamed ? `output${i}` : "", operation, to: drawDestinations(random, folder) };
  });
  return {
    outputs,
    deliveriesEach: outputs.reduce((sum, { to }) => sum + Math.max(1, to.length), 0),
    folders: [folder, `${folder}/more`],
  };
}

function drawOperation(random: Random): NonNullable<OutputInit["operation"]> {
  const kind = random.next();
  if (kind < 0.4) return { case: "mp4", value: {} };
  if (kind < 0.7) return { case: "contactSheet", value: { columns: random.whole(1, 3), rows: 1, width: 32 } };
  const format = random.pick([PictureFormat.JPEG, PictureFormat.PNG, PictureFormat.WEBP] as const);
  // Some are past the end, which selects the last frame.
  return { case: "thumbnail", value: { at: durationOf(random.next() * 2), width: 32, format } };
}

/** None: the default folder. */
function drawDestinations(random: Random, path: string): DestinationInit[] {
  const inFolder = (below: string): DestinationInit => ({ kind: { case: "folder", value: { path: below } } });
  const all = random.shuffled([DEFAULT_FOLDER, VIRTUAL, inFolder(path), inFolder(`${path}/more`)]);
  return all.slice(0, random.whole(0, all.length));
}
