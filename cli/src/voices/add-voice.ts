import { resolve } from "node:path";
import { PolyreelError } from "@polyreel/platform";
import { type AddedVoice, addVoice } from "@polyreel/tts/engines";
import { exitCodes } from "../exit-codes.js";
import { interruptible } from "../interrupt.js";
import { counted, formatBytes } from "../terminal/numbers.js";
import type { Terminal } from "../terminal/terminal.js";
import { piperFolder } from "./local-engines.js";
import { localFiles, remoteFiles } from "./voice-files.js";

interface AddOptions {
  readonly sha256: string | undefined;
  readonly json: boolean | undefined;
  /** Inner networks and hosts that may be fetched from. */
  readonly allow: string;
}

/** Shorter work shows no progress. */
const SHOW_AFTER_MS = 2_000;
const REDRAW_MS = 500;

/** `polyreel voices add`: adds a voice of a file or an https address, and shows what it is. */
export async function addFromAddress(
  from: string,
  { sha256, json, allow }: AddOptions,
  terminal: Terminal,
): Promise<number> {
  if (sha256 !== undefined && !/^[0-9a-f]{64}$/i.test(sha256)) throw noChecksum(sha256);
  const files = /^[a-z][a-z0-9+.-]+:\/\//i.test(from) ? remoteFiles(from, allow) : localFiles(resolve(from));
  return interruptible(terminal, async (signal) => {
    const work = { step: `Fetching ${files.name}`, bytes: 0 };
    const stopShowing = show(work, terminal);
    try {
      const bring = async (folder: string) => {
        await files.bring(folder, { signal, onBytes: (bytes) => Object.assign(work, { bytes }) });
        Object.assign(work, { step: `Trying ${files.name}`, bytes: 0 });
      };
      const added = await addVoice(piperFolder(), files.name, { bring, sha256, signal });
      stopShowing();
      await terminal.print(json ? `${JSON.stringify(plain(added))}\n` : text(added));
    } finally {
      stopShowing();
    }
    return exitCodes.delivered;
  });
}

function show(work: { readonly step: string; readonly bytes: number }, terminal: Terminal): () => void {
  const line = () => `${work.step}${work.bytes > 0 ? `: ${formatBytes(work.bytes)}` : " ..."}`;
  let timer = setTimeout(() => {
    if (!terminal.live) terminal.note(`${line()}\n`);
    else timer = setInterval(() => terminal.pin([line()]), REDRAW_MS);
  }, SHOW_AFTER_MS);
  return () => {
    clearTimeout(timer);
    if (terminal.live) terminal.pin([]);
  };
}

const plain = ({ model, voices, licence }: AddedVoice) => ({
  ...{ name: model.name, voices, language: model.config.language, quality: model.config.quality },
  ...{ sizeBytes: model.sizeBytes, sha256: model.sha256, licence: licence ?? null, path: model.path },
});

function text({ model, voices, licence }: AddedVoice): string {
  const { name, config, sizeBytes, sha256, path } = model;
  const [first = name] = voices;
  const speakers = voices.length > 1 ? `, ${counted(voices.length, "speaker")}` : "";
  return [
    `Added ${name}: ${[config.language, config.quality, formatBytes(sizeBytes)].filter(Boolean).join(", ")}${speakers}`,
    `  file     ${path}`,
    `  sha256   ${sha256}`,
    `  licence  ${licence ?? "unknown: no MODEL_CARD beside it states one. Find out whether you may use this voice"}`,
    `  try it   polyreel say "Hello" --voice "${first}"`,
    "",
  ].join("\n");
}

const noChecksum = (text: string): PolyreelError =>
  new PolyreelError("invalid", {
    reason: `--sha256 must be 64 hexadecimal digits, got ${JSON.stringify(text)}.`,
    remedy: "`sha256sum <file>` prints that of a file.",
  });
