-- Callers write what the service writes for them, and neither the list of divisions nor which migrations have run.
set local lock_timeout = '5s';

revoke insert, update, delete on divisions, kysely_migration, kysely_migration_lock from gongkai_caller;
