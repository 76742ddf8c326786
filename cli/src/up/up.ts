import { join } from "node:path";
import { isS3Address } from "@polyreel/platform/blobs";
import { lockFolder } from "@polyreel/platform/files";
import type { ServerEvent } from "@polyreel/platform/stream";
import { openPage } from "../browser/open-page.js";
import { findPrograms } from "../embedded/programs.js";
import { serverEventLine } from "../embedded/server-event-line.js";
import { type EmbeddedOptions, startEmbedded } from "../embedded/start-embedded.js";
import { exitCodes } from "../exit-codes.js";
import { openFolder } from "../folder.js";
import { interruptible } from "../interrupt.js";
import { ProblemsError } from "../problem.js";
import { openStoreAddress } from "../store/store-address.js";
import type { Terminal } from "../terminal/terminal.js";

const DASHBOARD = "/ui/";

export interface UpOptions {
  port: number;
  host: string;
  out: string;
  store: string;
  /** Where event stream and read model are kept if the store is no folder. */
  state: string;
  logLevel: string;
  /** Open the dashboard, if someone is there to see it. */
  browser: boolean;
}

/** `polyreel up`: all of Polyreel in this process until it is stopped. Its event stream persists in the store's folder, or in `state`. */
export async function up(
  { port, host, out, store, state, logLevel, browser }: UpOptions,
  terminal: Terminal,
): Promise<number> {
  const programs = await findPrograms();
  const address = await openStoreAddress(store);
  const { path: stateFolder } = isS3Address(address) ? await openFolder(state, "--state") : { path: address };
  const natsFolder = join(stateFolder, "nats");
  const unlock = await lockFolder(natsFolder, (owner) => alreadyUp(owner, natsFolder));
  try {
    const folder = await openFolder(out, "--out");
    const natsProgram = programs["nats-server"];
    const databaseFolder = join(stateFolder, "database");
    const options = {
      natsProgram,
      natsFolder,
      databaseFolder,
      store: address,
      outFolder: folder.path,
      host,
      port,
      logLevel,
    };
    try {
      return await interruptible(terminal, (signal) => serve({ ...options, browser }, terminal, signal));
    } finally {
      await folder.removeIfUnused();
    }
  } finally {
    await unlock();
  }
}

/** Two servers over one folder would lose each other's events. */
function alreadyUp(owner: number, folder: string): ProblemsError {
  const what = `Polyreel is up already over this store (process ${owner}).`;
  const remedy = "Use it, end it, or give another folder with --store.";
  return new ProblemsError([{ what, where: { file: folder }, remedy }], exitCodes.usage);
}

async function serve(
  { browser, ...options }: Omit<EmbeddedOptions, "signal"> & Pick<UpOptions, "browser">,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<number> {
  const { host, port, outFolder } = options;
  terminal.note("Polyreel is starting ...\n");
  const onServerEvent = (event: ServerEvent) => terminal.note(`${serverEventLine(event)}\n`);
  const embedded = await startEmbedded({ ...options, signal, onServerEvent }).catch((error: unknown) => {
    throw isPortTaken(error) ? portTaken(host, port) : error;
  });
  try {
    await terminal.print(`${embedded.url}\n`);
    terminal.note(`Polyreel is up; videos go to ${outFolder}, virtual ones are served. Ctrl-C ends it.\n`);
    terminal.note(`The dashboard is at ${embedded.url}${DASHBOARD}\n`);
    if (browser && terminal.live) await openPage(`${embedded.url}${DASHBOARD}`);
    const failure = await Promise.race([aborted(signal), embedded.failed]);
    if (failure) throw failure;
    return exitCodes.delivered;
  } finally {
    await embedded.close();
  }
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });

const isPortTaken = (error: unknown): boolean =>
  error instanceof Error && (error.cause as NodeJS.ErrnoException | undefined)?.code === "EADDRINUSE";

const portTaken = (host: string, port: number): ProblemsError =>
  new ProblemsError(
    [{ what: `Something listens on ${host}:${port} already.`, remedy: "End it, or give another port with --port." }],
    exitCodes.usage,
  );
