import type { Certificate, InputUse } from "@polyreel/contract";
import type { MadePicture, MediaFile, OperationWork } from "@polyreel/media/operations";
import { SOURCE_AUDIO_DEFAULTS, sourceAudio, sourceContactSheet, sourceThumbnail } from "@polyreel/media/operations";
import { PICTURE } from "@polyreel/parts/costs";
import { withUnchanged } from "@polyreel/parts/sources";
import { PolyreelError } from "@polyreel/platform";
import type { Store } from "@polyreel/platform/blobs";
import { charging, processCpu } from "@polyreel/platform/process";
import { briefStep } from "@polyreel/platform/telemetry";
import type { Renderer } from "../service.js";
import { keepAudio } from "./keep-audio.js";
import type { OutputWork } from "./output-work.js";
import { keepPicture } from "./picture-output.js";

/** Names of an input's outputs in the specification, by their plan. */
const NAMES = { inputThumbnail: "thumbnail", inputContactSheet: "contactSheet", audio: "audio" } as const;

/**
 * Makes an output of an input from the input's original bytes; returns its certificate once its own bytes are in the
 * store. It may take minutes, so a few are made at a time, batches in turns, outside the slots of other combinations.
 */
export function inputOutput(output: OutputWork, input: InputUse, renderer: Renderer): Promise<Certificate> {
  const { planned, work } = output;
  const { sources, store } = renderer.tenants.of(planned.fact.tenant);
  const make = async (tempDir: string) => {
    const { signal } = work;
    await using source = await sources.open(input.sha256, signal);
    const probe = await sources.probe(input.sha256, source, signal);
    const file = { path: source.path, probe };
    // Awaited here: the source is released when this function ends.
    return await withUnchanged([source], () => certified(output, file, { signal, tempDir }, renderer, store));
  };
  return output.wait(async () => {
    const release = await briefStep("wait for slot", () =>
      renderer.readingInputs.acquire(planned.batchId, work.signal),
    );
    try {
      return await renderer.folder.use(make).catch(namingInput(output, input));
    } finally {
      release();
    }
  });
}

async function certified(
  { planned: { batchId }, combination, plan: { operation }, spent }: OutputWork,
  source: MediaFile,
  work: OperationWork,
  renderer: Renderer,
  store: Store,
): Promise<Certificate> {
  if (operation.case === "inputThumbnail") {
    const { value } = operation;
    return keepPicture(await measured(() => sourceThumbnail(source, value, work), spent, renderer), batchId, store);
  }
  if (operation.case === "inputContactSheet") {
    const { value } = operation;
    return keepPicture(await measured(() => sourceContactSheet(source, value, work), spent, renderer), batchId, store);
  }
  if (operation.case === "audio") {
    const settings = { ...SOURCE_AUDIO_DEFAULTS, track: combination.input?.track ?? 0 };
    return keepAudio(await sourceAudio(source, settings, work), batchId, store, work.signal);
  }
  throw new PolyreelError("internal", `An input was planned as ${operation.case ?? "mp4"}.`);
}

/** Measures CPU time including that of the programs that extract its frames. */
async function measured(
  make: () => Promise<MadePicture>,
  spent: OutputWork["spent"],
  { costLog }: Renderer,
): Promise<MadePicture> {
  const { made, cpuSeconds } = await charging(() => processCpu.measure(make));
  const coreSeconds = made.coreSeconds + cpuSeconds;
  spent(coreSeconds);
  costLog.note(PICTURE, { coreSeconds, amount: 0, bytes: made.made.payload.length });
  return made.made;
}

/** For `catch`: adds the input and the output to the error; also the source's name if the input is at fault. */
const namingInput =
  ({ combination: { choices }, plan: { number, operation } }: OutputWork, { sourceName }: InputUse) =>
  (error: unknown): never => {
    if (!(error instanceof PolyreelError) || error.code === "cancelled") throw error;
    const [{ block, choice } = { block: "", choice: "" }] = choices;
    const name = NAMES[operation.case as keyof typeof NAMES];
    const { field: setting, reason, remedy, code } = error.failure;
    const field = [`outputs[${number}]`, name, setting].filter(Boolean).join(".");
    if (error.code !== "invalid" || !sourceName) throw error.at({ block, choice, field });
    const named = `"${sourceName}": ${reason}`;
    throw new PolyreelError("invalid", { block, choice, field, reason: named, remedy, code }, { cause: error });
  };
