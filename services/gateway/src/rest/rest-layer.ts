import { type BatchLimits, submitBatch } from "../batches/submit-batch.js";
import { resumeBatch } from "../rework/resume-batch.js";
import type { WebApp } from "../web/web-app.js";
import type { RestConfig } from "./config.js";
import type { RestDeps } from "./deps.js";
import { jobRoutes } from "./dialects/jobs.js";
import { mediaRoutes } from "./dialects/media.js";
import { systemRoutes } from "./dialects/system.js";
import { videoRoutes } from "./dialects/videos.js";
import { Jobs } from "./jobs/find-job.js";
import { LiveJobs } from "./jobs/live-jobs.js";
import { submitJob } from "./jobs/submit-job.js";
import { describeApi, docsPage } from "./pages/docs.js";
import { landingPage } from "./pages/landing-page.js";
import { routesOf } from "./routes.js";
import { validateRequests } from "./validation/validate-requests.js";

/** What the routes share. */
export interface RestParts {
  readonly deps: RestDeps;
  readonly config: RestConfig;
  readonly jobs: Jobs;
  readonly submit: ReturnType<typeof submitJob>;
  readonly resume: ReturnType<typeof resumeBatch>;
}

/**
 * The calls of small services of this field, in three dialects, over our own: a job is a batch of one input. It keeps nothing of
 * its own (decision 46).
 */
export function restLayer(deps: RestDeps, config: RestConfig & BatchLimits): (app: WebApp) => Promise<void> {
  return async (app) => {
    const submit = submitJob({ submit: submitBatch(deps, config), live: new LiveJobs(deps.model, config.maxLiveJobs) });
    const parts = { deps, config, jobs: new Jobs(deps), submit, resume: resumeBatch(deps) };
    await describeApi(app);
    validateRequests(app);
    for (const add of [mediaRoutes, jobRoutes, videoRoutes, systemRoutes]) add(routesOf(app), parts);
    landingPage(app);
    await docsPage(app);
  };
}
