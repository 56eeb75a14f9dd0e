"""The tables of the REST API in SQLite, as numbered migrations, and what makes its repositories.

`trace` and `chunk` have a rowid of their own: rows that came together lie together, whatever their ids, and a page of
the newest traces is read from few places of the file. In most other tables rows are found by their key alone.
"""

from __future__ import annotations

from twosignal_mock.apis.rest.store.sqlite._configuration import SqliteRoutingConfigs, SqliteTemplates
from twosignal_mock.apis.rest.store.sqlite._evaluators import SqliteEvaluations, SqliteEvaluators, SqliteUsage
from twosignal_mock.apis.rest.store.sqlite._kinds import DERIVED
from twosignal_mock.apis.rest.store.sqlite._sessions import SqliteSessions
from twosignal_mock.apis.rest.store.sqlite._spans import SqliteSpans
from twosignal_mock.apis.rest.store.sqlite._traces import SqliteScores, SqliteTraces
from twosignal_mock.engine.store import Connection, MadeOnce, SqliteTables


class SqliteRepositories:
    """The repositories of one project, for one transaction."""

    traces = MadeOnce(SqliteTraces)
    spans = MadeOnce(SqliteSpans)
    scores = MadeOnce(SqliteScores)
    templates = MadeOnce(SqliteTemplates)
    routing = MadeOnce(SqliteRoutingConfigs)
    sessions = MadeOnce(SqliteSessions)
    evaluators = MadeOnce(SqliteEvaluators)
    evaluations = MadeOnce(SqliteEvaluations)
    usage = MadeOnce(SqliteUsage)

    def __init__(self, connection: Connection, project: int) -> None:
        self.connection = connection
        self.project = project


_TRACES = """
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
"""
_KINDS_AND_NAMES = """
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
"""
_SCORES = """
CREATE TABLE score (
    project INTEGER NOT NULL, id TEXT NOT NULL, trace TEXT NOT NULL, span TEXT, evaluator TEXT NOT NULL,
    value REAL NOT NULL, label TEXT, reasoning TEXT, created INTEGER NOT NULL
);
CREATE INDEX score_by_trace ON score (project, trace);
"""
_TEMPLATES = """
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
"""
_ROUTING = """
CREATE TABLE routing_config (
    project INTEGER NOT NULL, name TEXT NOT NULL, model TEXT NOT NULL, enabled INTEGER NOT NULL, rules TEXT NOT NULL,
    PRIMARY KEY (project, name)
) WITHOUT ROWID;
"""
_SESSIONS = """
CREATE TABLE session (
    project INTEGER NOT NULL, id TEXT NOT NULL, user TEXT NOT NULL, refresh_digest TEXT NOT NULL,
    refresh_expires INTEGER NOT NULL, created INTEGER NOT NULL,
    PRIMARY KEY (project, id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX session_by_refresh ON session (project, refresh_digest);
CREATE INDEX session_by_expiry ON session (project, refresh_expires);
"""
_MOVES_AND_SPELLINGS = """
-- Where a listed trace stood before it moved in the order. A walk over pages that began before goes by it. Moves are
-- numbered from 1 in each project, and kept: a trace that nobody moves has none.
CREATE TABLE move (
    project INTEGER NOT NULL, trace TEXT NOT NULL, number INTEGER NOT NULL, sort_key INTEGER NOT NULL,
    PRIMARY KEY (project, trace, number)
) WITHOUT ROWID;
CREATE UNIQUE INDEX move_by_number ON move (project, number);
ALTER TABLE trace ADD COLUMN shown TEXT;
"""
_CHUNKS = r"""
-- What came together for one trace: ids of events and of spans as lines (_spans.py tells how they are escaped), the
-- spans as JSON, and their details as lines of JSON. Of a trace-create nobody knew any more which trace it was about:
-- sent again it changes nothing, for its values are there with their time.
CREATE TABLE chunk (
    project INTEGER NOT NULL, trace TEXT NOT NULL, events TEXT NOT NULL, ids TEXT NOT NULL, heads TEXT NOT NULL,
    details TEXT NOT NULL
);
CREATE INDEX chunk_by_trace ON chunk (project, trace);
INSERT INTO chunk SELECT
    project, trace,
    coalesce(char(10) || group_concat(replace(replace(event, '\', '\\'), char(10), '\n'), char(10)) || char(10), ''),
    char(10) || group_concat(replace(replace(id, '\', '\\'), char(10), '\n'), char(10)) || char(10),
    json_group_array(json_array(id, event, parent, name, type, start, "end", failed, tokens, cost)),
    group_concat(replace(detail, char(10), ' '), char(10))
FROM span GROUP BY project, trace;
DROP TABLE span;
DROP TABLE event;
"""
_EVALUATORS_AND_USAGE = """
CREATE TABLE evaluator (
    project INTEGER NOT NULL, id TEXT NOT NULL, name TEXT NOT NULL, type TEXT NOT NULL, config TEXT NOT NULL,
    enabled INTEGER NOT NULL, created INTEGER NOT NULL, updated INTEGER NOT NULL
);
CREATE UNIQUE INDEX evaluator_by_id ON evaluator (project, id);
CREATE TABLE usage (
    project INTEGER NOT NULL, month TEXT NOT NULL, traces INTEGER NOT NULL, spans INTEGER NOT NULL,
    evaluations INTEGER NOT NULL,
    PRIMARY KEY (project, month)
) WITHOUT ROWID;
INSERT INTO usage
    SELECT project, strftime('%Y-%m', created / 1000, 'unixepoch') AS month, count(*), sum(spans), 0
    FROM trace GROUP BY project, month;
-- A configuration of an older build is known by its name alone, which no other one of its sandbox has.
CREATE TABLE routing (
    project INTEGER NOT NULL, id TEXT NOT NULL, name TEXT NOT NULL, model TEXT NOT NULL, enabled INTEGER NOT NULL,
    rules TEXT NOT NULL, created INTEGER NOT NULL, updated INTEGER NOT NULL
);
CREATE UNIQUE INDEX routing_by_id ON routing (project, id);
CREATE UNIQUE INDEX routing_by_name ON routing (project, name);
INSERT INTO routing SELECT project, name, name, model, enabled, rules, 0, 0 FROM routing_config;
DROP TABLE routing_config;
"""
_EVALUATIONS = """
CREATE TABLE evaluation (
    project INTEGER NOT NULL, trace TEXT NOT NULL, ready INTEGER, elsewhere INTEGER NOT NULL, evaluators TEXT NOT NULL,
    PRIMARY KEY (project, trace)
) WITHOUT ROWID;
CREATE INDEX evaluation_by_ready ON evaluation (project, elsewhere, ready, trace) WHERE ready IS NOT NULL;
-- Ingestion asks which are enabled, and must not read their configurations.
CREATE INDEX evaluator_by_use ON evaluator (project, enabled, type, id);
"""

SQLITE = SqliteTables(
    migrations=(
        "".join((_TRACES, _KINDS_AND_NAMES, _SCORES, _TEMPLATES, _ROUTING, _SESSIONS)),
        _MOVES_AND_SPELLINGS,
        _CHUNKS,
        _EVALUATORS_AND_USAGE,
        _EVALUATIONS,
    ),
    tables=(
        "trace",
        "tag",
        "move",
        "chunk",
        "score",
        "template",
        "template_version",
        "routing",
        "session",
        "evaluator",
        "evaluation",
        "usage",
    ),
    repositories=SqliteRepositories,
    derived=DERIVED,
)
