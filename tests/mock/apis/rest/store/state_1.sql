-- A state file as the first numbered build made it: executed by SQLite, it is one. Kept as it is for ever.
PRAGMA application_id = 844320075;
PRAGMA user_version = 1;
CREATE TABLE migration (
    part TEXT NOT NULL, number INTEGER NOT NULL, digest TEXT NOT NULL, build TEXT NOT NULL,
    PRIMARY KEY (part, number)
) WITHOUT ROWID;
CREATE TABLE last_number (number INTEGER NOT NULL);
CREATE TABLE account_project (
    id TEXT PRIMARY KEY, number INTEGER NOT NULL UNIQUE, name TEXT NOT NULL, plan TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE account_key (
    digest TEXT PRIMARY KEY, project_id TEXT NOT NULL, tail TEXT NOT NULL, revoked INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE account_user (
    id TEXT PRIMARY KEY, email TEXT NOT NULL, address TEXT NOT NULL UNIQUE, password_digest TEXT NOT NULL,
    salt TEXT NOT NULL, project_id TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE account_snapshot (
    project_id TEXT NOT NULL, name TEXT NOT NULL, number INTEGER NOT NULL UNIQUE, created INTEGER NOT NULL,
    PRIMARY KEY (project_id, name)
) WITHOUT ROWID;
CREATE TABLE event (project INTEGER NOT NULL, id TEXT NOT NULL, PRIMARY KEY (project, id)) WITHOUT ROWID;
CREATE TABLE trace (
    project INTEGER NOT NULL, id TEXT NOT NULL, created INTEGER NOT NULL, sort_key INTEGER, name TEXT NOT NULL,
    item TEXT NOT NULL, own_end INTEGER, tags TEXT, metadata TEXT NOT NULL, extra TEXT,
    stamp INTEGER, stamps TEXT, lead TEXT,
    earliest INTEGER, latest INTEGER,
    spans INTEGER NOT NULL, open INTEGER NOT NULL, failed INTEGER NOT NULL, tokens INTEGER NOT NULL, cost TEXT NOT NULL,
    scores INTEGER NOT NULL, failing INTEGER NOT NULL AS (failed > 0) VIRTUAL
);
CREATE UNIQUE INDEX trace_by_id ON trace (project, id);
CREATE INDEX trace_by_sort_key ON trace (project, sort_key, id, name, failing);
CREATE INDEX trace_failing ON trace (project, sort_key, id, name) WHERE failed > 0;
CREATE INDEX trace_by_name ON trace (project, name, sort_key, id, failing);
CREATE TABLE tag (
    project INTEGER NOT NULL, tag TEXT NOT NULL, sort_key INTEGER NOT NULL, id TEXT NOT NULL, name TEXT NOT NULL,
    failing INTEGER NOT NULL,
    PRIMARY KEY (project, tag, sort_key, id)
) WITHOUT ROWID;
CREATE TABLE span (
    project INTEGER NOT NULL, trace TEXT NOT NULL, id TEXT NOT NULL, event TEXT, parent TEXT, name TEXT NOT NULL,
    type TEXT NOT NULL, start INTEGER NOT NULL, "end" INTEGER, failed INTEGER NOT NULL, tokens INTEGER NOT NULL,
    cost TEXT, detail TEXT NOT NULL
);
CREATE UNIQUE INDEX span_by_id ON span (project, trace, id);

-- Kinds are numbered from 1 in each project, so that one look-up tells how many there are. Kinds and names stay until
-- the rows of their project are dropped: one may lead to no trace any more, but no trace is hidden by a missing one.
CREATE TABLE kind (
    project INTEGER NOT NULL, number INTEGER NOT NULL, name TEXT NOT NULL, failing INTEGER NOT NULL, tags TEXT NOT NULL,
    PRIMARY KEY (project, number)
) WITHOUT ROWID;
CREATE UNIQUE INDEX kind_by_content ON kind (project, name, tags, failing);
CREATE TABLE name (
    number INTEGER PRIMARY KEY, project INTEGER NOT NULL, name TEXT NOT NULL, UNIQUE (project, name)
);
CREATE VIRTUAL TABLE name_part USING fts5 (
    name, content = 'name', content_rowid = 'number', tokenize = 'trigram case_sensitive 1', detail = 'none',
    columnsize = 0
);
CREATE TRIGGER name_added AFTER INSERT ON name BEGIN
    INSERT INTO name_part (rowid, name) VALUES (new.number, new.name);
END;
CREATE TRIGGER name_dropped AFTER DELETE ON name BEGIN
    INSERT INTO name_part (name_part, rowid, name) VALUES ('delete', old.number, old.name);
END;

CREATE TABLE score (
    project INTEGER NOT NULL, id TEXT NOT NULL, trace TEXT NOT NULL, span TEXT, evaluator TEXT NOT NULL,
    value REAL NOT NULL, label TEXT, reasoning TEXT, created INTEGER NOT NULL
);
CREATE INDEX score_by_trace ON score (project, trace);

CREATE TABLE template (
    project INTEGER NOT NULL, name TEXT NOT NULL, id TEXT NOT NULL, description TEXT, latest INTEGER NOT NULL,
    created INTEGER NOT NULL, updated INTEGER NOT NULL,
    PRIMARY KEY (project, name)
) WITHOUT ROWID;
CREATE TABLE template_version (
    project INTEGER NOT NULL, template TEXT NOT NULL, number INTEGER NOT NULL, id TEXT NOT NULL, content TEXT NOT NULL,
    variables TEXT NOT NULL, message TEXT, created INTEGER NOT NULL,
    PRIMARY KEY (project, template, number)
);

CREATE TABLE routing_config (
    project INTEGER NOT NULL, name TEXT NOT NULL, model TEXT NOT NULL, enabled INTEGER NOT NULL, rules TEXT NOT NULL,
    PRIMARY KEY (project, name)
) WITHOUT ROWID;

CREATE TABLE session (
    project INTEGER NOT NULL, id TEXT NOT NULL, user TEXT NOT NULL, refresh_digest TEXT NOT NULL,
    refresh_expires INTEGER NOT NULL, created INTEGER NOT NULL,
    PRIMARY KEY (project, id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX session_by_refresh ON session (project, refresh_digest);
CREATE INDEX session_by_expiry ON session (project, refresh_expires);
INSERT INTO migration ("part", "number", "digest", "build")
    VALUES ('accounts', 1, '8481e374bb82575955a46c6823215814db6c77b85a4f021e49e1bff7222d65fa', '0.1.0');
INSERT INTO migration ("part", "number", "digest", "build")
    VALUES ('rest', 1, 'e4ee5a33ee23aabebd0cc160864e0ec99c997a3dda47fcaed45c284bf83b3c7a', '0.1.0');
INSERT INTO last_number ("number")
    VALUES (1);
INSERT INTO account_project ("id", "number", "name", "plan")
    VALUES ('project', 1, 'start', 'pro');
INSERT INTO account_key ("digest", "project_id", "tail", "revoked")
    VALUES ('7d2478ab829ba935826892113fb6de8e5eff317404352eb6e15de1ec3ce725c8', 'project', 'on_1', 0);
INSERT INTO account_user ("id", "email", "address", "password_digest", "salt", "project_id")
    VALUES ('u1', 'Me@example.com', 'me@example.com', '00000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000', '00000000000000000000000000000000', 'project');
INSERT INTO event ("project", "id")
    VALUES (1, 'e0');
INSERT INTO event ("project", "id")
    VALUES (1, 'e1');
INSERT INTO trace ("project", "id", "created", "sort_key", "name", "item", "own_end", "tags", "metadata", "extra", "stamp", "stamps", "lead", "earliest", "latest", "spans", "open", "failed", "tokens", "cost", "scores")
    VALUES (1, 't1', 5, -4, 'café', '{"id":"t1","tags":["a","b"]}', 9, '["a","b"]', '{"k":[1,null,"ü"]}', '{"sessionId":"s"}', 4000, '{"name":4000}', '', 4, 8, 2, 1, 1, 7, '0.25', 1);
INSERT INTO trace ("project", "id", "created", "sort_key", "name", "item", "own_end", "tags", "metadata", "extra", "stamp", "stamps", "lead", "earliest", "latest", "spans", "open", "failed", "tokens", "cost", "scores")
    VALUES (1, 't2', 6, NULL, '', '{}', NULL, NULL, '{}', NULL, NULL, NULL, NULL, NULL, NULL, 0, 0, 0, 0, '0', 0);
INSERT INTO tag ("project", "tag", "sort_key", "id", "name", "failing")
    VALUES (1, 'a', -4, 't1', 'café', 1);
INSERT INTO tag ("project", "tag", "sort_key", "id", "name", "failing")
    VALUES (1, 'b', -4, 't1', 'café', 1);
INSERT INTO span ("project", "trace", "id", "event", "parent", "name", "type", "start", "end", "failed", "tokens", "cost", "detail")
    VALUES (1, 't1', 's1', 'e1', 's0', 'step', 'LLM', 4, 8, 1, 7, '2.5e-1', '[{"a":1},null,"m",null,null,null,null]');
INSERT INTO span ("project", "trace", "id", "event", "parent", "name", "type", "start", "end", "failed", "tokens", "cost", "detail")
    VALUES (1, 't1', 's2', NULL, NULL, '', 'TOOL', 5, NULL, 0, 0, NULL, '[]');
INSERT INTO score ("project", "id", "trace", "span", "evaluator", "value", "label", "reasoning", "created")
    VALUES (1, 'x1', 't1', 's1', 'accuracy', 0.25, 'pass', 'because', 7);
INSERT INTO score ("project", "id", "trace", "span", "evaluator", "value", "label", "reasoning", "created")
    VALUES (1, 'x2', 't1', NULL, 'accuracy', 1.0, NULL, NULL, 8);
INSERT INTO template ("project", "name", "id", "description", "latest", "created", "updated")
    VALUES (1, 'a bare one', 'p2', NULL, 1, 3, 3);
INSERT INTO template ("project", "name", "id", "description", "latest", "created", "updated")
    VALUES (1, 'greeting', 'p1', 'says hello', 2, 1, 2);
INSERT INTO template_version ("project", "template", "number", "id", "content", "variables", "message", "created")
    VALUES (1, 'p1', 1, 'v1', 'Hello', '[]', NULL, 1);
INSERT INTO template_version ("project", "template", "number", "id", "content", "variables", "message", "created")
    VALUES (1, 'p1', 2, 'v2', 'Hello {{name}}', '["name","other"]', 'politer', 2);
INSERT INTO template_version ("project", "template", "number", "id", "content", "variables", "message", "created")
    VALUES (1, 'p2', 1, 'v3', '', '[]', NULL, 3);
INSERT INTO routing_config ("project", "name", "model", "enabled", "rules")
    VALUES (1, 'empty', 'small', 0, '[]');
INSERT INTO routing_config ("project", "name", "model", "enabled", "rules")
    VALUES (1, 'support', 'small', 1, '[["long",{"type":"token_count","maxTokens":100},"large",1],["words",{"type":"keyword","keywords":["a","b"]},"large",2]]');
INSERT INTO session ("project", "id", "user", "refresh_digest", "refresh_expires", "created")
    VALUES (1, 'i1', 'u1', 'd1', 100, 1);
INSERT INTO kind ("project", "number", "name", "failing", "tags")
    VALUES (1, 2, '', 0, '[]');
INSERT INTO kind ("project", "number", "name", "failing", "tags")
    VALUES (1, 1, 'café', 1, '["a","b"]');
INSERT INTO name ("number", "project", "name")
    VALUES (1, 1, 'café');
INSERT INTO name ("number", "project", "name")
    VALUES (2, 1, '');
