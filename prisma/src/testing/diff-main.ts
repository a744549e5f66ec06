/** `npm run diff -w prisma`: prints the SQL of the next migration, from the migrations to schema.prisma. */
import { createTestDatabase } from "../testing.ts";
import { diffWithSchema } from "./schema-engine.ts";

const database = await createTestDatabase();
const sql = await diffWithSchema(database.ownerUrl);
process.stdout.write(sql ?? "-- the migrations and schema.prisma agree\n");
await database.drop();
process.exit();
