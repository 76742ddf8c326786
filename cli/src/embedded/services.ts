/** The five services, each started as its own main.ts does it: from an environment. */
export type Services = Awaited<ReturnType<typeof loadServices>>;

/** Loads the services' code, all at once. Only what runs them needs it. */
export async function loadServices() {
  const [gateway, planner, tts, renderer, uploader] = await Promise.all([
    import("@polyreel/gateway"),
    import("@polyreel/planner"),
    import("@polyreel/tts"),
    import("@polyreel/renderer"),
    import("@polyreel/uploader"),
  ]);
  return {
    startGateway: async (env: NodeJS.ProcessEnv) => gateway.startGateway(gateway.readConfig(env)),
    startPlanner: async (env: NodeJS.ProcessEnv) => planner.startPlanner(planner.readConfig(env)),
    startTts: async (env: NodeJS.ProcessEnv) => tts.startTts(tts.readConfig(env)),
    startRenderer: async (env: NodeJS.ProcessEnv) => renderer.startRenderer(renderer.readConfig(env)),
    startUploader: async (env: NodeJS.ProcessEnv) => uploader.startUploader(uploader.readConfig(env)),
  };
}
