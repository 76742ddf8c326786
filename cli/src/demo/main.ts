import { rm, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { CombinationState } from "@polyreel/contract";
import { Engines } from "@polyreel/tts/engines";
import type { FinishedBatch } from "../client/finished-batch.js";
import { readCliConfig } from "../config.js";
import { findPrograms } from "../embedded/programs.js";
import { exitCodes } from "../exit-codes.js";
import { openFolder } from "../folder.js";
import { interruptible } from "../interrupt.js";
import { formatProblem } from "../problem.js";
import { readBatchFile } from "../read-batch-file.js";
import { toProblems } from "../refusal.js";
import { renderBatch } from "../render/render-batch.js";
import { reportBatch } from "../report/report-batch.js";
import { openTerminal, type Terminal } from "../terminal/terminal.js";
import { chooseVoices, demoBatch } from "./batch.js";
import { makeMedia } from "./make-media.js";
import { demoTable } from "./table.js";

/** Folder of everything the demo writes. */
const FOLDER = ".demo";
const NAMES_SHOWN = 4;

// `npm run demo`: generates sample media, renders all their combinations, and prints what that cost.
const config = readCliConfig();
const terminal = openTerminal(config);
try {
  process.exitCode = await interruptible(terminal, demo);
} catch (error) {
  const { problems, exitCode } = toProblems(error);
  for (const problem of problems) terminal.note(`${formatProblem(problem)}\n`);
  process.exitCode = exitCode;
}
await terminal.print("");
process.exit();

async function demo(signal: AbortSignal): Promise<number> {
  const programs = await findPrograms();
  const voices = await new Engines().voices();
  terminal.note("Drawing an advertisement ...\n");
  await makeMedia(join(FOLDER, "media"), signal);
  const file = join(FOLDER, "batch.yaml");
  await writeFile(file, demoBatch(chooseVoices(voices.map(({ name }) => name))));
  // Start from scratch, so that the table shows the work of this run.
  const out = join(FOLDER, "out");
  const storeFolder = join(FOLDER, "store");
  for (const folder of [out, storeFolder]) await rm(folder, { recursive: true, force: true });
  const { path: outFolder } = await openFolder(out, "--out");

  terminal.note(`Rendering every combination of ${file} ...\n`);
  const began = performance.now();
  const batchFile = await readBatchFile(file);
  const { logLevel } = config;
  const options = { batchFile, outFolder, store: storeFolder, natsProgram: programs["nats-server"], logLevel };
  return renderBatch(options, terminal, signal, (finished) =>
    report(finished, outFolder, (performance.now() - began) / 1000, terminal),
  );
}

async function report(finished: FinishedBatch, folder: string, seconds: number, terminal: Terminal): Promise<number> {
  const { combinations } = finished.status;
  if (!combinations?.delivered || combinations.failed > 0n)
    return reportBatch(finished, { json: false, folder }, terminal);
  const names: string[] = [];
  for await (const { path } of finished.combinations(CombinationState.DELIVERED)) {
    names.push(path);
  }
  // Names spread over the whole batch: neighbours look alike.
  const step = Math.ceil(names.length / NAMES_SHOWN);
  const shown = names.filter((_, index) => index % step === Math.floor(index / step) % step);
  const lines = [
    "",
    ...demoTable(finished.status, seconds),
    "",
    `Look into ${relative(process.cwd(), folder)}, for instance at`,
    ...shown.map((name) => `  ${join(relative(process.cwd(), folder), name)}`),
    "",
  ];
  await terminal.print(lines.join("\n"));
  return exitCodes.delivered;
}
