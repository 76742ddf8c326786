import { launch } from "@polyreel/platform/launch";

await launch(import.meta.url, () => import("./run.js"));
