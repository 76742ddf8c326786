/** The five services, each started as its own main.ts does it: from an environment. */
export type Services = Awaited<ReturnType<typeof loadServices>>;

/** Loads the services' code, all at once. Only what runs them needs it. */
export async function loadServices() {
  const [gateway, planner, tts, renderer, uploader] = await Promise.all([
    Promise.all([import("@polyreel/gateway/config.js"), import("@polyreel/gateway/service.js")]),
    Promise.all([import("@polyreel/planner/config.js"), import("@polyreel/planner/service.js")]),
    Promise.all([import("@polyreel/tts/config.js"), import("@polyreel/tts/service.js")]),
    Promise.all([import("@polyreel/renderer/config.js"), import("@polyreel/renderer/service.js")]),
    Promise.all([import("@polyreel/uploader/config.js"), import("@polyreel/uploader/service.js")]),
  ]);
  return {
    startGateway: async (env: NodeJS.ProcessEnv) => gateway[1].startGateway(gateway[0].readConfig(env)),
    startPlanner: async (env: NodeJS.ProcessEnv) => planner[1].startPlanner(planner[0].readConfig(env)),
    startTts: async (env: NodeJS.ProcessEnv) => tts[1].startTts(tts[0].readConfig(env)),
    startRenderer: async (env: NodeJS.ProcessEnv) => renderer[1].startRenderer(renderer[0].readConfig(env)),
    startUploader: async (env: NodeJS.ProcessEnv) => uploader[1].startUploader(uploader[0].readConfig(env)),
  };
}
