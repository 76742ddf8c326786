import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from "@tanstack/react-router";
import { BatchPage } from "./batch/batch-page.js";
import { readBatchesFilter } from "./batches/batches-filter.js";
import { BatchesPage } from "./batches/batches-page.js";
import { Frame } from "./frame/frame.js";
import { NotFound } from "./frame/not-found.js";
import { VideoPage } from "./video/video-page.js";
import { readVideoSearch } from "./video/video-search.js";
import { readVideosFilter } from "./videos/videos-filter.js";
import { VideosPage } from "./videos/videos-page.js";

/** Every address of the dashboard, below `/ui`. What people filter by is in the address, so that it can be shared. */
const root = createRootRoute({ component: Frame, notFoundComponent: NotFound });

const home = createRoute({
  getParentRoute: () => root,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/batches", replace: true });
  },
});

const batchesRoute = createRoute({
  getParentRoute: () => root,
  path: "/batches",
  validateSearch: readBatchesFilter,
  component: BatchesPage,
});

const batchRoute = createRoute({ getParentRoute: () => root, path: "/batches/$batchId", component: BatchPage });

const videosRoute = createRoute({
  getParentRoute: () => root,
  path: "/batches/$batchId/videos",
  validateSearch: readVideosFilter,
  component: VideosPage,
});

const videoRoute = createRoute({
  getParentRoute: () => root,
  path: "/batches/$batchId/videos/$combinationId",
  validateSearch: readVideoSearch,
  component: VideoPage,
});

/** Read by few, and loaded when they are. */
const lists = {
  "/voices": lazyRouteComponent(() => import("./lists/pages.js"), "VoicesPage"),
  "/destinations": lazyRouteComponent(() => import("./lists/pages.js"), "DestinationsPage"),
  "/usage": lazyRouteComponent(() => import("./lists/pages.js"), "UsagePage"),
  "/keys": lazyRouteComponent(() => import("./lists/pages.js"), "KeysPage"),
  "/users": lazyRouteComponent(() => import("./lists/pages.js"), "UsersPage"),
  "/audit": lazyRouteComponent(() => import("./lists/pages.js"), "AuditPage"),
};
const listRoute = <Path extends keyof typeof lists>(path: Path) =>
  createRoute({ getParentRoute: () => root, path, component: lists[path] });
const listRoutes = [
  ...[listRoute("/voices"), listRoute("/destinations"), listRoute("/usage")],
  ...[listRoute("/keys"), listRoute("/users"), listRoute("/audit")],
] as const;

export const router = createRouter({
  routeTree: root.addChildren([home, batchesRoute, batchRoute, videosRoute, videoRoute, ...listRoutes]),
  basepath: "/ui",
  scrollRestoration: true,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
