-- First answers of POSTs with an Idempotency-Key, stored in the transaction of their effect.
set local lock_timeout = '5s';

create table idempotent_answers (
  principal text not null,
  key text not null,
  -- SHA-256 of method, address and body.
  request_hash text not null,
  status integer not null,
  headers jsonb not null,
  body text not null,
  created_at timestamptz not null default now(),
  primary key (principal, key)
);
create index idempotent_answers_created_at on idempotent_answers (created_at);
