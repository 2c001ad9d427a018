"""The main job: take the tables in, have them decided, write the reports, judge the gate."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO, TextIO, cast

from msgspec import UNSET, Struct, structs

from lakewarden.baseline.run_baseline import RunBaseline, run_baseline
from lakewarden.engines.choice import start_engine
from lakewarden.engines.interface import Engine
from lakewarden.evaluation.adviser import by_decisions
from lakewarden.evaluation.batches import decide
from lakewarden.evaluation.completeness import completeness_of
from lakewarden.evaluation.document_store import TableIntake
from lakewarden.evaluation.policy_index import select
from lakewarden.evaluation.table_report import reported
from lakewarden.evaluation.waiver_ledger import WaiverLedger
from lakewarden.evaluation.what_if import LEFT_OUT, InsightLedger, WhatIfAnalysis, WhatIfResults
from lakewarden.model.clock import utc_now
from lakewarden.model.errors import EngineError
from lakewarden.model.judged_waivers import JudgedWaivers
from lakewarden.model.report import Completeness, Digests, Gate, Run, narrowed_by
from lakewarden.open_origin import Copied, OpenOrigin
from lakewarden.options import Options
from lakewarden.options.policies import open_policies
from lakewarden.options.reports import ReportTarget
from lakewarden.origin import open_origin
from lakewarden.packs.recorder import PackRecorder, pack_recorder
from lakewarden.policy_set import PolicySet
from lakewarden.progress import Progress
from lakewarden.renderers import Format
from lakewarden.renderers.outputs import ReportOutputs
from lakewarden.report.atomic_file import PendingFile, replaceable
from lakewarden.report.file import ReportWriter, open_unchecked_report
from lakewarden.report.gate import judge
from lakewarden.report.old_report import absence_after
from lakewarden.report.previous import PreviousReport, pack, read_previous
from lakewarden.report.promises import PromiseLedger
from lakewarden.report.summary import Tally
from lakewarden.run_history import RunHistory
from lakewarden.version import __version__
from lakewarden_collector.counted import counted
from lakewarden_collector.errors import clause
from lakewarden_collector.inventory import Failure
from lakewarden_collector.private_folder import PrivateFolder


class _Work(Struct, frozen=True, kw_only=True):
    """One run in progress: who decides what about which tables, and since when."""

    options: Options
    engine: Engine
    rules: PolicySet
    store: TableIntake
    previous: PreviousReport | None
    promises: PromiseLedger | None
    baseline: RunBaseline | None
    pack: PackRecorder | None
    history: RunHistory | None
    opened: OpenOrigin
    clock: str
    started: str
    notices: tuple[str, ...]

    @property
    def digests(self) -> Digests:
        """The digests of all that the run's decisions are a function of."""
        return self.rules.digests(self.store.digest)

    @property
    def narrowed(self) -> tuple[str, ...]:
        """The options that limit the run."""
        return narrowed_by(self.options.tables.tables, self.options.policies.policies)


def evaluate(options: Options, progress: Progress) -> Gate:
    """Run the main job and write every report; return the gate.

    Raises `ConfigurationError`, `EngineError` or a collector's `Problem` where there is nothing
    to report. Once tables are being decided, trouble with the engine ends up in the report.
    """
    with ExitStack() as stack:
        started = utc_now()
        clock = options.clock.now or started
        policies = stack.enter_context(open_policies(options.policies, progress))
        options = replace(options, policies=policies)
        # The files are opened before any work is done: a wrong path should not cost a run.
        origin, previous = options.origin, _read_previous(options.reports.previous, progress)
        kept = options.reports.promises
        promises = stack.enter_context(PromiseLedger(kept)) if kept else None
        baseline = run_baseline(options, progress)
        kept_in = options.reports.history
        history = RunHistory(kept_in, progress) if kept_in else None
        pack = pack_recorder(options)
        if pack:
            stack.enter_context(pack)
        first, others = _split(options.reports.reports)
        outputs = stack.enter_context(ReportOutputs(first))
        for target in others:
            outputs.open(target.format, target.path or cast("TextIO", target.stream))
        path = first or _scratch(stack)
        for written in filter(None, (first, options.reports.save_inventory)):
            PendingFile(written).discard()
        opened = stack.enter_context(open_origin(origin, progress, clock))
        engine, notices = start_engine(options.engine, options.policies.roots, progress)
        stack.push(engine)
        rules = options.policies.load_rules(
            engine.modules(), clock=clock, belonging=opened.config_dir
        )
        for permission in options.gate.allow:
            known = (*rules.selected, *rules.judging)
            select(known, [permission.policy], where="--allow")
        if pack:
            pack.add_rules(engine, options.policies.roots, rules.config)
        report = stack.enter_context(ReportWriter(path, policies=rules.policies))
        question = rules.question(clock)
        opened.advise(lambda: by_decisions(engine, question))
        store = stack.enter_context(opened.intake(options.tables.tables))
        opened.when_listed(store.patterns.see_listed)
        with progress.stage(f"Reading tables from {opened.scope}") as advance:
            _take_in(store, opened, (options.reports.save_inventory, pack), advance)
        store.patterns.require_met(whole=not opened.shortcomings)
        if baseline:
            read = store, opened.config_dir
            baseline.accept(engine, rules, read, clock, progress)
            if pack:
                ratchet = baseline.ratchet
                against = ratchet.against if ratchet else ""
                pack.add_baseline(baseline.text, against, baseline.text_before)
        work = _Work(
            options=options,
            engine=engine,
            rules=rules,
            store=store,
            previous=previous,
            promises=promises,
            baseline=baseline,
            pack=pack,
            history=history,
            opened=opened,
            clock=clock,
            started=started,
            notices=tuple(notices),
        )
        if history:
            history.recall(
                opened,
                (rules.policies, work.digests),
                narrowed=work.narrowed,
                clock=work.clock,
                compared=previous is None and opened.estate is None,
                names=store.names,
            )
            history.follow(outputs, pack.kept() if pack else {})
        gate = _decide(work, report, progress)
        outputs.write(open_unchecked_report(path))
    return gate


def _take_in(
    store: TableIntake,
    opened: OpenOrigin,
    copies: tuple[Path | None, PackRecorder | None],
    advance: Callable[[int], None],
) -> None:
    """Take the inventory in, and write it where it is wanted: to a file, into a pack."""
    file, pack = copies
    with ExitStack() as stack:
        streams: list[BinaryIO] = []
        if file is not None:
            streams.append(cast("BinaryIO", stack.enter_context(PendingFile(file))))
        if pack is not None:
            streams.append(stack.enter_context(pack.inventory()))
        store.fill(Copied(opened, *streams) if streams else opened.items, advance)


def _split(reports: Sequence[ReportTarget]) -> tuple[Path | None, list[ReportTarget]]:
    """Take out the JSON file, if one is wanted: the other reports are made from it.

    A pipe or a device cannot be read back, so it is written like the other formats.
    """
    for target in reports:
        path = target.path
        if target.format == Format.JSON and path and _is_replaceable(path):
            return path, [other for other in reports if other is not target]
    return None, list(reports)


def _is_replaceable(path: Path) -> bool:
    try:
        return replaceable(path)
    except OSError:
        return True  # opening it says what is wrong


def _read_previous(path: Path | None, progress: Progress) -> PreviousReport | None:
    if path is None:
        return None
    with progress.stage(f"Reading the previous report {path}") as advance:
        return read_previous(path, advance)


def _scratch(stack: ExitStack) -> Path:
    return stack.enter_context(PrivateFolder("report")) / "report.json"


def _decide(work: _Work, report: ReportWriter, progress: Progress) -> Gate:
    """Decide every table that was taken in, finish the report, and return the gate."""
    tally = Tally(work.rules.policies)
    index = {policy.policy_id: policy for policy in work.rules.policies}
    ledger = WaiverLedger(
        work.rules.waivers, work.rules.policies, work.clock, work.rules.waiver_limits
    )
    tables = len(work.store)
    number = f"{counted(len(work.rules.policies), 'policy')} about {counted(tables, 'table')}"
    question = work.rules.question(work.clock)
    digest = work.store.digest
    stopped: EngineError | None = None
    previous = work.previous or _as_it_stands(work, progress)
    if previous is None and work.history:
        previous = work.history.previous
    insights = InsightLedger(work.rules.policies, previous)
    recording = work.pack.decisions() if work.pack else nullcontext()
    with progress.stage(f"Deciding {number}", tables) as advance, recording:
        try:
            for document, answer in decide(work.engine, question, work.store.documents()):
                table = reported(document, answer)
                if work.history:
                    table = work.history.with_past(table)
                if work.baseline:
                    table = work.baseline.mark(table, index)
                report.add(table)
                tally.add(table)
                ledger.add(table)
                insights.add(table)
                if work.pack:
                    work.pack.add(table)
                if work.promises:
                    work.promises.add(table, clock=work.clock, inventory=digest)
                advance(1)
        except EngineError as error:
            stopped = error
    judged, stopped = _judge_waivers(work, stopped)
    tried = _try_others(work, insights, stopped, progress)
    unchecked = _check_modules(work)
    completeness = completeness_of(
        work.store,
        tally,
        len(work.rules.policies),
        shortcomings=work.opened.shortcomings,
        left_out=work.opened.left_out,
        min_coverage=work.options.gate.min_coverage,
        lost=None if stopped is None else (stopped, work.engine.info.name),
        unchecked=unchecked,
    )
    run = _run(work, completeness, tried, tally)
    waivers = ledger.statuses(sees_all=absence_after(run, completeness, tally).sees_all)
    gate = judge(
        tally.gating,
        completeness,
        known=tally.known,
        engine_failed=stopped is not None,
        permissions=work.options.gate.allow,
        gate_disabled=work.options.gate.no_gate,
        fail_on=work.options.gate.fail_on,
        advisory=tally.advisory,
        waivers=waivers if work.options.gate.strict_waivers else None,
        clock=work.clock,
        ratchet=work.baseline.ratchet if work.baseline else None,
        judged=judged,
    )
    report.finish(
        run=run,
        completeness=completeness,
        waivers=waivers,
        summary=tally.summary,
        fact_labels=work.rules.fact_labels,
        insight=insights.insight(tried, run, completeness),
        promises=work.promises.finish() if work.promises else None,
        baseline=work.baseline.baseline(work.clock) if work.baseline else None,
        history=work.history.history(run, completeness, tally.summary) if work.history else None,
        judged=judged,
        gate=gate,
    )
    if work.pack:
        made = (work.clock, work.digests, gate)
        work.pack.finish(work.engine, (work.opened, work.store), made)
    return gate


def _judge_waivers(
    work: _Work, stopped: EngineError | None
) -> tuple[JudgedWaivers | None, EngineError | None]:
    """Have the policies about waivers decide; also return what stopped the engine, if it has."""
    if stopped is not None:
        return None, stopped
    try:
        return work.rules.waiver_judge(work.clock).judge(work.engine, work.rules.waivers), None
    except EngineError as error:
        return None, error


def _as_it_stands(work: _Work, progress: Progress) -> PreviousReport | None:
    """Have the tables of a plan decided as they stand; None without an estate beside the plan."""
    estate = work.opened.estate
    if estate is None:
        return None
    found = [each for each in estate.tables() if work.store.patterns.choose(each[0])]
    names, documents = [name for name, _ in found], [document for _, document in found]
    unread = sorted(filter(work.store.patterns.choose, estate.unread))
    completeness = Completeness(
        complete=True,  # of what isn't known of these tables, the differences tell
        tables_known=len(documents) + len(unread),
        tables_evaluated=len(documents),
        tables_failed=len(unread),
        tables_left_out=0,
        decisions_expected=len(documents) * len(work.rules.policies),
        decisions_made=len(documents) * len(work.rules.policies),
        failures=tuple(
            Failure(what=name, where=estate.scope, reason="it wasn't read", remedy="Collect it.")
            for name in unread
        ),
    )
    run = structs.replace(
        _run(work, completeness, WhatIfResults(), Tally(work.rules.policies)),
        source=estate.source,
        scope=estate.scope,
        clock=estate.as_of,
    )
    with progress.stage(f"Deciding {counted(len(documents), 'table')} as they stand") as advance:
        answers = decide(work.engine, work.rules.question(work.clock), iter(documents))
        tables = (
            structs.replace(reported(document, answer), full_name=name)
            for name, (document, answer) in zip(names, answers, strict=True)
        )
        try:
            return pack((run, completeness, work.rules.policies), tables, advance)
        except EngineError:
            return None  # the planned tables can't be decided either, and the report says why


def _try_others(
    work: _Work, insights: InsightLedger, stopped: EngineError | None, progress: Progress
) -> WhatIfResults:
    """Ask the policies that want it again under other settings; the run's decisions stand."""
    if not insights.candidates.asking:
        return WhatIfResults()
    if stopped is not None:
        return WhatIfResults(not_tried=stopped.what)
    if work.options.reports.no_what_if:
        return WhatIfResults(not_tried=LEFT_OUT)
    others = WhatIfAnalysis(
        engine=work.engine,
        question=work.rules.question(work.clock),
        settings=work.rules.settings,
        schemas=work.rules.schemas,
        documents=work.store.documents,
    )
    with progress.stage("Trying other settings") as advance:
        try:
            return WhatIfResults(what_if=tuple(others.run(insights.candidates, advance)))
        except EngineError as error:
            return WhatIfResults(not_tried=error.what)


def _check_modules(work: _Work) -> str:
    """Return why nobody can tell whether the policies of the beginning decided all; empty if so.

    Raises `ConfigurationError` where others may have.
    """
    try:
        work.engine.check_modules()
    except EngineError as error:
        return f"whether the policies stayed the same could not be checked: {clause(error.what)}"
    return ""


def _whole(work: _Work, completeness: Completeness) -> bool:
    """Whether the run has seen every table: only then a name that none has is a wrong name."""
    return completeness.complete and not work.options.tables.tables


def _run(work: _Work, completeness: Completeness, tried: WhatIfResults, tally: Tally) -> Run:
    return Run(
        tool="lakewarden",
        tool_version=__version__,
        engine=work.engine.info,
        digests=work.digests,
        clock=work.clock,
        started_at=work.started,
        finished_at=utc_now(),
        source=work.opened.source,
        scope=work.opened.scope,
        narrowed=work.narrowed,
        policies_off=tuple(policy.policy_id for policy in work.rules.off),
        notices=tuple(_notices(work, completeness, tried, tally)),
        spent=dict(work.opened.spent),
        workspace=work.opened.workspace or UNSET,
        policy_sources=work.options.policies.pins or UNSET,
    )


def _notices(
    work: _Work, completeness: Completeness, tried: WhatIfResults, tally: Tally
) -> Iterator[str]:
    yield from work.notices
    if work.promises:
        yield from work.promises.notices()
    yield from work.rules.notices()
    for policy_id, tables in sorted(tally.switched_off.items()):
        yield f"The settings turn {policy_id} off for {counted(tables, 'table')} in this run."
    if tried.not_tried not in ("", LEFT_OUT):
        yield f"Other thresholds weren't evaluated: {clause(tried.not_tried)}."
    for override in work.rules.variants.unused() if _whole(work, completeness) else ():
        yield f"The override for {override} ({override.where}) matches no table in this run."
    if work.history:
        yield from work.history.notices()
