import { statSync } from "node:fs";

/**
 * What runs a service until it ends: a function, as a module that is evaluated for that long would never be there for the
 * parts of its bundle that are imported later.
 */
interface Service {
  run(): Promise<void>;
}

/**
 * Runs a service: its bundle, which loads in half the time, or its compiled modules where there is no bundle, or one older
 * than the last compilation, by `tsc -b` alone. Imports nothing of ours, which would be loaded beside the bundle.
 *
 * @param main URL of the compiled main module, in `dist`; the bundle is in `bundle`, beside it.
 * @param compiled Imports the compiled modules.
 */
export async function launch(main: string, compiled: () => Promise<Service>): Promise<void> {
  const bundle = new URL("../bundle/main.js", main);
  const bundled = timeOf(bundle);
  const isCurrent = bundled > 0 && bundled >= timeOf(new URL(".tsbuildinfo", main));
  const { run } = await (isCurrent ? (import(bundle.href) as Promise<Service>) : compiled());
  await run();
}

const timeOf = (url: URL): number => statSync(url, { throwIfNoEntry: false })?.mtimeMs ?? 0;
