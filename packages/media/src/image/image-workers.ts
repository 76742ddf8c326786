import { KeptPrograms } from "@polyreel/platform/process";
import type { Job, MadeImage } from "./image-job.js";
import { startImageWorker } from "./image-worker.js";

/** Programs that work on images, kept between images; as many as may work at the same time. */
export class ImageWorkers extends KeptPrograms<Job, MadeImage> {
  constructor({ processes }: { readonly processes: number }) {
    super({ processes, start: () => startImageWorker() });
  }
}
