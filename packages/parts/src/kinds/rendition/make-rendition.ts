import type { Origin, RenditionRecipe, Transcode } from "@polyreel/contract";
import { av1Encoder, renditionEngine } from "@polyreel/media/ffmpeg";
import { layOut, layOutSound, lostOutput, probeOfSound } from "@polyreel/media/join";
import type { MediaFile } from "@polyreel/media/operations";
import {
  clipTrack,
  isSoundTrack,
  type MadeRendition,
  makeFile,
  probeOfClip,
  soundTrack,
} from "@polyreel/media/rendition";
import { PolyreelError } from "@polyreel/platform";
import { withUnchanged } from "../../sources/open-source.js";
import { markSource } from "../mark-source.js";
import type { Makers } from "../part-kind.js";
import { requireBuild } from "../require-build.js";
import type { Workshop } from "../workshop.js";
import { writeFile, writeJoin } from "./write-join.js";

/** Makes a file of one medium. */
export const make: Makers<"rendition"> = {
  rendition: async (recipe, { origins: [origin] }, workshop) => {
    requireBuild(recipe.engine, await renditionEngine());
    const made = await ofInput(recipe, workshop).catch(namingInput(origin));
    return { payloadPath: made.payloadPath, index: { kind: { case: "rendition", value: made.index } } };
  },
};

async function ofInput(recipe: RenditionRecipe, workshop: Workshop): Promise<MadeRendition> {
  const { input } = recipe;
  const { sources, signal } = workshop;
  const markSha256 = recipe.operation.case === "transcode" ? markSource(recipe.operation.value.watermark) : undefined;
  await using mark = markSha256 ? await sources.open(markSha256, signal) : undefined;
  const operate = (
    file: MediaFile,
    opened: Parameters<typeof withUnchanged>[0],
    perform: Perform = ofFile(recipe, workshop),
  ) => withUnchanged([...opened, ...(mark ? [mark] : [])], () => perform(file, mark?.path));
  if (input.case === "sourceSha256") {
    await using source = await sources.open(input.value, signal);
    const file = { path: source.path, probe: await sources.probe(input.value, source, signal) };
    return await operate(file, [source]); // Released afterwards.
  }
  if (input.case === undefined) throw new PolyreelError("internal", "A rendition was requested without its input.");
  if (input.case === "clipHash") return await ofClip(input.value, recipe, workshop, operate);
  if (isSoundTrack(recipe)) return await ofSound(recipe.operation.value, input.value.soundHash, workshop);
  await using file = await writeJoin(input.value, workshop);
  return await operate(file, []); // Removed afterwards.
}

type Perform = (file: MediaFile, markPath: string | undefined) => Promise<MadeRendition>;
type Operate = (file: MediaFile, opened: readonly [], perform: Perform) => Promise<MadeRendition>;

/** A clip as a track. */
async function ofClip(
  hash: string,
  { operation }: RenditionRecipe,
  workshop: Workshop,
  operate: Operate,
): Promise<MadeRendition> {
  if (operation.case !== "transcode") throw new PolyreelError("internal", "A track was requested without settings.");
  const settings = operation.value;
  const index = (await workshop.parts.describe("clip", hash)) ?? lostOutput("clip");
  await using file = await writeFile(layOut([{ hash, index }]), workshop);
  return await operate({ path: file.path, probe: probeOfClip(index) }, [], async (source, markPath) =>
    clipTrack(source, settings, index, { ...(await workOf(workshop)), markPath }),
  );
}

/** A soundtrack as a track. */
async function ofSound(settings: Transcode, hash: string, workshop: Workshop): Promise<MadeRendition> {
  const index = (await workshop.parts.describe("sound", hash)) ?? lostOutput("soundtrack");
  const samples = Number(index.samples);
  await using file = await writeFile(layOutSound({ hash, index }), workshop);
  const source = { path: file.path, probe: probeOfSound(samples) };
  return await soundTrack(source, settings, samples, await workOf(workshop));
}

const ofFile =
  ({ operation, track }: RenditionRecipe, workshop: Workshop): Perform =>
  async (file, markPath) =>
    makeFile(file, operation, { ...(await workOf(workshop)), track, markPath });

const workOf = async ({ signal, tempDir, onProgress, images }: Workshop) => ({
  ...{ signal, tempDir, onProgress, images, av1: await av1Encoder() },
});

/** For `catch`: adds the input, and its name if it is at fault; the setting stays, which the output's field precedes. */
const namingInput =
  (origin: Origin | undefined) =>
  (error: unknown): never => {
    if (!(error instanceof PolyreelError) || error.code === "cancelled" || !origin) throw error;
    const { block, choice, sourceName } = origin;
    const { field, reason, remedy, code } = error.failure;
    if (error.code !== "invalid" || !sourceName || field.startsWith("watermark")) throw error.at({ block, choice });
    const named = `"${sourceName}": ${reason}`;
    throw new PolyreelError("invalid", { block, choice, field, reason: named, remedy, code }, { cause: error });
  };
