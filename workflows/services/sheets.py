"""The main objects of a workspace as sheets for people, by name instead of by id."""

from typing import Final

from tenants.portable.workspace import Sheet

ASSETS = """
SELECT a.name, a.kind, s.name, z.name, z.level, l.name, a.description, a.described,
  (SELECT string_agg(host(e.address) || coalesce(':' || e.port, ''), ' ' ORDER BY e.address, e.port)
   FROM exposure_endpoint e WHERE e.workspace_id = a.workspace_id AND e.asset_id = a.id)
FROM exposure_asset a
JOIN exposure_site s ON s.workspace_id = a.workspace_id AND s.id = a.site_id
LEFT JOIN exposure_zone z ON z.workspace_id = a.workspace_id AND z.id = a.zone_id
LEFT JOIN exposure_line l ON l.workspace_id = a.workspace_id AND l.id = a.line_id
WHERE a.workspace_id = {workspace} ORDER BY s.name, a.name
"""
SERVICES = """
SELECT a.name, host(v.address), v.port, v.protocol, v.product, v.state, p.name,
  v.first_seen, v.last_seen
FROM exposure_service v
JOIN exposure_asset a ON a.workspace_id = v.workspace_id AND a.id = v.asset_id
JOIN exposure_vantage p ON p.workspace_id = v.workspace_id AND p.id = v.vantage_id
WHERE v.workspace_id = {workspace} ORDER BY a.name, v.address, v.port
"""
FINDINGS = """
SELECT 'SL-' || f.number, f.title, a.name, f.state, f.grade, f.threat, f.check_id,
  f.check_version, f.technique, f.detected_at, f.closed_at, c.lead, c.band,
  array_to_string(c.slots, ' '), c.decide_by
FROM exposure_finding f
JOIN exposure_asset a ON a.workspace_id = f.workspace_id AND a.id = f.asset_id
LEFT JOIN workflows_case c ON c.workspace_id = f.workspace_id AND c.finding_id = f.id
WHERE f.workspace_id = {workspace} ORDER BY f.number
"""
DECISIONS = """
SELECT 'SL-' || f.number, d.version, d.kind, d.state, d.action, d.technical_basis,
  d.safety_effect, d.downtime_minutes, d.lost_meanwhile, d.undo, d.window_start,
  d.expires_at, d.units_before, d.units_after, u.name, d.proposed_at, d.decision_hash,
  d.evidence_hash, d.ended_reason
FROM workflows_decision d
JOIN workflows_case c ON c.workspace_id = d.workspace_id AND c.id = d.case_id
JOIN exposure_finding f ON f.workspace_id = d.workspace_id AND f.id = c.finding_id
JOIN tenants_user u ON u.id = d.proposer_id
WHERE d.workspace_id = {workspace} ORDER BY f.number, d.version
"""
SIGNATURES = """
SELECT 'SL-' || f.number, d.version, g.slot, g.answer, g.printed_name, g.role, g.side,
  g.comment, g.signed_at, g.payload_hash
FROM workflows_signature g
JOIN workflows_decision d ON d.workspace_id = g.workspace_id AND d.id = g.decision_id
JOIN workflows_case c ON c.workspace_id = d.workspace_id AND c.id = d.case_id
JOIN exposure_finding f ON f.workspace_id = d.workspace_id AND f.id = c.finding_id
WHERE g.workspace_id = {workspace} ORDER BY f.number, d.version, g.signed_at
"""

SHEETS: Final = (
    Sheet(
        "assets",
        "name,kind,site,zone,level,line,description,described,addresses",
        ASSETS,
    ),
    Sheet(
        "services",
        "asset,address,port,protocol,product,state,vantage,first_seen,last_seen",
        SERVICES,
    ),
    Sheet(
        "findings",
        "reference,title,asset,state,grade,threat,check,check_version,technique,"
        "detected_at,closed_at,lead,band,must_answer,decide_by",
        FINDINGS,
    ),
    Sheet(
        "decisions",
        "finding,version,kind,state,treatment,technical_basis,safety_effect,"
        "downtime_minutes,lost_meanwhile,undo,window_start,expires_at,units_before,"
        "units_after,proposer,proposed_at,decision_sha256,evidence_sha256,ended_reason",
        DECISIONS,
    ),
    Sheet(
        "signatures",
        "finding,version,slot,answer,name,role,side,comment,signed_at,payload_sha256",
        SIGNATURES,
    ),
)
