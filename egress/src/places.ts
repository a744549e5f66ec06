import { isDeepStrictEqual } from "node:util";
import { PlaceId, type Template } from "@remote-claude/protocol";
import type { Logger } from "pino";
import type { HostSettings } from "./config.ts";
import { type HostPolicy, policyOf } from "./policy.ts";
import type { Outlet } from "./proxy.ts";
import { createPlaceServer, type PlaceServer, type Services } from "./server.ts";
import { ensurePlaceDirectories, listenOnFile, type SocketFile } from "./socket-file.ts";
import type { EgressStore, PlaceRow } from "./store.ts";
import { createUpstream, type Upstream } from "./upstream.ts";

export interface PlacesOptions {
  readonly runDir: string;
  readonly store: EgressStore;
  readonly templates: ReadonlyMap<string, Template>;
  readonly hosts: HostSettings;
  readonly upstreamProxy: URL | null;
  readonly services: Services;
  readonly log: Logger;
}

/** Every place's socket: there while its row is, and always knowing whose session is in it. */
export interface Places {
  /** Compares all sockets with all rows. Rejects when the database does not answer; sockets stay then. */
  reconcile(): Promise<void>;
  /** One place changed. */
  refresh(placeId: string): Promise<void>;
  close(): Promise<void>;
  readonly size: number;
}

/** A row, and which of all reads it comes from. */
interface Read {
  readonly row: PlaceRow | null;
  readonly order: number;
}

interface OpenPlace {
  row: PlaceRow;
  /** Of the read that `row` comes from. */
  order: number;
  policy: HostPolicy;
  readonly upstream: Upstream;
  readonly server: PlaceServer;
  readonly file: SocketFile;
}

export function createPlaces(options: PlacesOptions): Places {
  const { runDir, store, templates, hosts, upstreamProxy, services, log } = options;
  const open = new Map<string, OpenPlace>();
  // Changes of one place happen one after the other.
  const queues = new Map<string, Promise<void>>();
  let closed = false;
  let reads = 0;

  const find = async (placeId: string): Promise<Read> => {
    reads += 1;
    const order = reads;
    return { row: await store.findPlace(placeId), order };
  };

  const policyFor = (row: PlaceRow): HostPolicy => {
    if (row.occupant === null) return { mode: "unclaimed", rules: [] };
    if (!row.occupant.userActive) return { mode: "disabled", rules: [] };
    const template = templates.get(row.template);
    if (template !== undefined) return policyOf(template, hosts);
    log.warn({ place: row.placeId, template: row.template }, "unknown template: no network for this place");
    return { mode: "none", rules: [] };
  };

  /** What was allowed under rights that are lost could run for hours: it ends; whoever asks again is judged anew. */
  const use = (place: OpenPlace, row: PlaceRow, order: number) => {
    // Begun before what is known, it may show the place as nobody's still, and would cut whoever has claimed it. What
    // it was begun for was there when the later one began, which has seen it.
    if (order < place.order) return;
    place.order = order;
    const before = place.row;
    if (before.template !== row.template || before.occupant?.userActive !== row.occupant?.userActive) {
      place.policy = policyFor(row);
    }
    place.row = row;
    if (!losesRights(before, row)) return;
    place.server.cut();
    log.info({ place: row.placeId }, "rights were lost: connections cut");
  };

  const outletOf = async (placeId: string): Promise<Outlet | null> => {
    let place = open.get(placeId);
    if (place !== undefined && place.row.occupant === null) {
      // Just claimed, perhaps, and the news is still on its way.
      const found = await find(placeId).catch(() => null);
      place = open.get(placeId);
      if (place !== undefined && found?.row) use(place, found.row, found.order);
    }
    if (place === undefined) return null;
    const { row, policy, upstream } = place;
    return { speaker: { placeId, occupant: row.occupant }, policy, upstream };
  };

  const openPlace = async (row: PlaceRow, order: number) => {
    const { placeId } = row;
    const server = createPlaceServer({ services, outlet: () => outletOf(placeId) });
    const file = await listenOnFile(server.server, await ensurePlaceDirectories(runDir, placeId));
    server.server.on("error", (error) =>
      log.error({ err: error, place: placeId }, "a place's server failed"),
    );
    const upstream = createUpstream(upstreamProxy);
    open.set(placeId, { row, order, policy: policyFor(row), upstream, server, file });
    log.debug({ place: placeId }, "place opened");
  };

  const closePlace = async (placeId: string) => {
    const place = open.get(placeId);
    if (place === undefined) return;
    open.delete(placeId);
    // The file goes first: libuv would unlink by a name that is no longer ours.
    await place.file
      .remove()
      .catch((error: unknown) => log.warn({ err: error, place: placeId }, "socket stays"));
    await place.server.close();
    place.upstream.close();
    log.debug({ place: placeId }, "place closed");
  };

  /** Reads in its turn: a row that was read before another's change must not undo it. */
  const apply = (placeId: string, read: () => Promise<Read>): Promise<void> => {
    const before = queues.get(placeId) ?? Promise.resolve();
    const after = before
      .then(async () => {
        const { row, order } = await read();
        const place = open.get(placeId);
        if (row === null || closed) await closePlace(placeId);
        else if (place === undefined) await openPlace(row, order);
        else if (!(await place.file.isOurs())) {
          // Somebody removed the directory or the file under us.
          await closePlace(placeId);
          await openPlace(row, order);
        } else use(place, row, order);
      })
      .catch((error: unknown) =>
        log.error({ err: error, place: placeId }, "this place's socket cannot be kept"),
      )
      .finally(() => {
        if (queues.get(placeId) === after) queues.delete(placeId);
      });
    queues.set(placeId, after);
    return after;
  };

  return {
    async reconcile() {
      reads += 1;
      const order = reads;
      const rows = await store.listPlaces();
      const wanted = new Map(
        rows.filter(({ placeId }) => isPlaceId(placeId)).map((row) => [row.placeId, row]),
      );
      const gone = [...open.keys()].filter((placeId) => !wanted.has(placeId));
      // A place that came after the list was read is not gone: ask for each again.
      await Promise.all(gone.map((placeId) => apply(placeId, () => find(placeId))));
      await Promise.all(
        [...wanted].map(([placeId, row]) =>
          apply(placeId, async () => {
            const known = open.get(placeId)?.row;
            return known === undefined || isDeepStrictEqual(known, row) ? { row, order } : find(placeId);
          }),
        ),
      );
    },
    async refresh(placeId) {
      if (isPlaceId(placeId)) await apply(placeId, () => find(placeId));
    },
    async close() {
      closed = true;
      await Promise.all([...queues.values()]);
      await Promise.all([...open.keys()].map(closePlace));
    },
    get size() {
      return open.size;
    },
  };
}

/** Whether something that `before` allowed is no longer allowed. A budget is not among it: it holds for new requests. */
function losesRights(
  { template, occupant: before }: PlaceRow,
  { template: now, occupant }: PlaceRow,
): boolean {
  if (template !== now) return true;
  // Just claimed: what the pool's place had under way, its session may have.
  if (before === null) return occupant?.userActive === false;
  if (before.sessionId !== occupant?.sessionId || before.userId !== occupant.userId) return true;
  if (before.userActive && !occupant.userActive) return true;
  return occupant.allowedModels.some((list, index) => isShorter(before.allowedModels[index] ?? [], list));
}

/** Whether a list of models no longer has all that it had. An empty one has all there are. */
function isShorter(before: readonly string[], now: readonly string[]): boolean {
  if (now.length === 0) return false;
  return before.length === 0 || before.some((model) => !now.includes(model));
}

/** A place's name becomes a path: nothing but its own alphabet. */
const isPlaceId = (text: string) => PlaceId.safeParse(text).success;
