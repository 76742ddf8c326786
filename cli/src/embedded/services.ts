import type { Gateway } from "@polyreel/gateway";
import type { Running } from "@polyreel/platform";
import type { Uploader } from "@polyreel/uploader";

/** The five services, each started from an environment, as its own main.ts does. */
export interface Services {
  startGateway(env: NodeJS.ProcessEnv): Promise<Gateway>;
  startPlanner(env: NodeJS.ProcessEnv): Promise<Running>;
  startTts(env: NodeJS.ProcessEnv): Promise<Running>;
  startRenderer(env: NodeJS.ProcessEnv): Promise<Running>;
  startUploader(env: NodeJS.ProcessEnv): Promise<Uploader>;
}

/** Imports the code of all services at once. Done lazily, because only commands that run them need it. */
export async function loadServices(): Promise<Services> {
  const [gateway, planner, tts, renderer, uploader] = await Promise.all([
    import("@polyreel/gateway"),
    import("@polyreel/planner"),
    import("@polyreel/tts"),
    import("@polyreel/renderer"),
    import("@polyreel/uploader"),
  ]);
  return {
    startGateway: async (env) => gateway.startGateway(gateway.readConfig(env)),
    startPlanner: async (env) => planner.startPlanner(planner.readConfig(env)),
    startTts: async (env) => tts.startTts(tts.readConfig(env)),
    startRenderer: async (env) => renderer.startRenderer(renderer.readConfig(env)),
    startUploader: async (env) => uploader.startUploader(uploader.readConfig(env)),
  };
}
