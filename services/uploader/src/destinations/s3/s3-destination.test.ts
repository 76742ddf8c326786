import { randomBytes } from "node:crypto";
import { NEEDS_SEAWEED, useSeaweed } from "@polyreel/platform/testing";
import { describe, expect, it } from "vitest";
import { never, outputOf, place, spring, useBucket } from "./testing/use-bucket.js";

const seaweed = useSeaweed();

describe("S3Destination", NEEDS_SEAWEED, () => {
  const ads = useBucket(seaweed);
  /** Methods of the requests sent by `work`. */
  const requestsOf = async (work: () => Promise<unknown>) => {
    const before = seaweed.proxy.requests.length;
    await work();
    return seaweed.proxy.requests.slice(before).map(({ method }) => method);
  };

  it("takes two requests for a new object, a repeated delivery, and a later batch", async () => {
    const destination = ads.open();
    expect(await destination.exists()).toBe(true);
    const source = outputOf(randomBytes(100_000));
    await destination.put(outputOf(Buffer.from("first")), place({ fileName: "first.mp4", batchId: "b2" }), never);
    expect(await requestsOf(() => destination.put(source, place(), never))).toEqual(["HEAD", "PUT"]);
    expect(await requestsOf(() => destination.put(source, place(), never))).toEqual(["HEAD", "HEAD"]);
    expect(await requestsOf(() => destination.put(source, place({ batchId: "b2" }), never))).toEqual(["HEAD", "PUT"]);
    expect((await ads.bucket.versions()).written.filter((key) => key === "sale/a.mp4")).toHaveLength(1);
    expect(await destination.remove("sale/a.mp4", "b1")).toBe("others");
    expect(await destination.remove("sale/a.mp4", "b2")).toBe("removed");
    expect(await ads.bucket.keys()).toEqual(["sale/first.mp4"]);
  });

  it.each(["żółć 日本語 👋.mp4", "50% (new) & more + 'extra', #1!.mp4", "a=b;c@d$e[f]{g}~h^i`j|k<l>.mp4"])(
    "delivers, finds and removes %j",
    async (fileName) => {
      const destination = ads.open();
      const { path, location } = await destination.put(outputOf(Buffer.from("one")), place({ fileName }), never);
      expect(location).toBe(`s3://ads/${ads.prefix}/sale/${fileName}`);
      expect((await ads.bucket.read(path)).toString()).toBe("one");
      expect(await ads.bucket.keys()).toEqual([`sale/${fileName}`]);
      expect(await destination.foreign({ ...place(), owner: { ...spring, name: "other" } }, [fileName])).toEqual([
        { name: fileName, batch: "spring" },
      ]);
      await destination.removeAllOf({ folder: "sale", owner: spring, batchId: "b1" }, new Set());
      expect(await ads.bucket.keys()).toEqual([]);
    },
  );

  it("applies settings, and replaces objects whose settings changed", async () => {
    const destination = ads.open();
    const source = outputOf(Buffer.from("one"));
    const settings = {
      contentDisposition: "attachment",
      cacheControl: "max-age=60",
      metadata: { campaign: "spring" },
      public: true,
    };
    await destination.put(source, place({ settings }), never);
    expect(await ads.bucket.headers("sale/a.mp4")).toMatchObject({
      "content-type": "video/mp4",
      "content-disposition": "attachment",
      "cache-control": "max-age=60",
      "x-amz-meta-campaign": "spring",
    });
    await destination.put(source, place({ settings }), never);
    await destination.put(source, place({ settings: { ...settings, cacheControl: "no-store" } }), never);
    expect(await ads.bucket.headers("sale/a.mp4")).toMatchObject({ "cache-control": "no-store" });
    expect((await ads.bucket.versions()).written).toEqual(["sale/a.mp4", "sale/a.mp4"]);
  });

  it("treats a copy of its object as foreign", async () => {
    const destination = ads.open();
    await destination.put(outputOf(Buffer.from("one")), place(), never);
    const headers = (await ads.bucket.headers("sale/a.mp4")) ?? {};
    const metadata = Object.entries(headers).filter(([name]) => name.startsWith("x-amz-meta-"));
    await ads.bucket.write("sale/b.mp4", "one", Object.fromEntries(metadata) as Record<string, string>);
    expect(await destination.remove("sale/b.mp4", "b1")).toBe("changed");
    expect(await ads.bucket.keys()).toEqual(["sale/a.mp4", "sale/b.mp4"]);
  });

  it("writes an object once if the response is lost, and if the process is", async () => {
    const source = outputOf(randomBytes(2_000_000));
    seaweed.failFirst("PUT", "lost");
    await ads.open().put(source, place(), never);
    // Like the successor of a process that died then.
    await ads.open().put(source, place(), never);
    expect((await ads.bucket.versions()).written).toEqual(["sale/a.mp4"]);
  });
});
