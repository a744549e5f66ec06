import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { PrismaPg } from "@prisma/adapter-pg";
import { bindMigrationAwareSqlAdapterFactory, ColumnTypeEnum } from "@prisma/driver-adapter-utils";
import type { DiffTarget, MigrationList, SchemaEngine } from "@prisma/schema-engine-wasm";
import * as glue from "@prisma/schema-engine-wasm/schema_engine_bg";
import pg from "pg";
import { readMigrations } from "../migrate/history.ts";

const require = createRequire(import.meta.url);
export const schemaFile = new URL("../../schema.prisma", import.meta.url);

let loaded: Promise<void> | undefined;

/** Prisma's own engine as WebAssembly: what its CLI would download as a binary. Its version goes with `prisma`. */
async function load(): Promise<void> {
  const file = require.resolve("@prisma/schema-engine-wasm/schema_engine_bg").replace(/\.js$/, ".wasm");
  const { instance } = await WebAssembly.instantiate(readFileSync(file), {
    "./schema_engine_bg.js": { ...glue },
  });
  const bindings = glue as unknown as { __wbg_set_wasm(exports: WebAssembly.Exports): void };
  bindings.__wbg_set_wasm(instance.exports);
  (instance.exports as { __wbindgen_start(): void }).__wbindgen_start();
}

/** Postgres' internal type "char", and the type time as its stand-in: no column of the catalogue has that. */
const internalChar = 18;
const time = 1083;

class CataloguePool extends pg.Pool {
  override query = (async (...args: unknown[]) => {
    const result = (await Reflect.apply(pg.Pool.prototype.query, this, args)) as pg.QueryResult;
    for (const field of result.fields) if (field.dataTypeID === internalChar) field.dataTypeID = time;
    return result;
  }) as pg.Pool["query"];
}

/** The adapter does not know the type "char", in which the engine reads the catalogue: it is smuggled past it. */
class CatalogueAdapter extends PrismaPg {
  constructor(url: string) {
    super(new CataloguePool({ connectionString: url }), { disposeExternalPool: true });
  }

  override async connect(): ReturnType<PrismaPg["connect"]> {
    const adapter = await super.connect();
    const queryRaw = adapter.queryRaw.bind(adapter);
    adapter.queryRaw = async (query) => {
      const result = await queryRaw(query);
      const columnTypes = result.columnTypes.map((type) =>
        type === ColumnTypeEnum.Time ? ColumnTypeEnum.Character : type,
      );
      return { ...result, columnTypes };
    };
    return adapter;
  }
}

async function openEngine(ownerUrl: string, schema: string): Promise<SchemaEngine> {
  loaded ??= load();
  await loaded;
  const adapter = bindMigrationAwareSqlAdapterFactory(new CatalogueAdapter(ownerUrl));
  const { SchemaEngine: Engine } = glue as unknown as { SchemaEngine: typeof SchemaEngine };
  return Engine.new({ datamodels: [["schema.prisma", schema]] }, () => undefined, adapter);
}

const filters = { externalTables: [], externalEnums: [] };

/** The SQL that would bring the database to the schema; null when they agree. */
export async function diffWithSchema(
  ownerUrl: string,
  schema = readFileSync(schemaFile, "utf8"),
): Promise<string | null> {
  const engine = await openEngine(ownerUrl, schema);
  const files = [{ path: "schema.prisma", content: schema }];
  const from: DiffTarget = { tag: "schemaDatasource", files, configDir: "/" };
  const to: DiffTarget = { tag: "schemaDatamodel", files };
  const { exitCode, stdout } = await engine.diff({ from, to, script: true, exitCode: true, filters });
  engine.free();
  return exitCode === 0 ? null : (stdout ?? "");
}

/** What Prisma itself thinks of our migrations and of the history that our runner wrote. */
export async function diagnoseHistory(ownerUrl: string) {
  const engine = await openEngine(ownerUrl, readFileSync(schemaFile, "utf8"));
  const migrations = await readMigrations();
  const migrationsList: MigrationList = {
    baseDir: "/migrations",
    lockfile: { path: "migration_lock.toml", content: 'provider = "postgresql"\n' },
    shadowDbInitScript: "",
    migrationDirectories: migrations.map(({ name, sql }) => ({
      path: name,
      migrationFile: { path: "migration.sql", content: { tag: "ok", value: sql } },
    })),
  };
  const result = await engine.diagnoseMigrationHistory({
    migrationsList,
    optInToShadowDatabase: false,
    filters,
  });
  engine.free();
  return result;
}
