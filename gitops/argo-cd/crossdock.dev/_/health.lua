-- Health of every kind of crossdock.dev: what the operator says in Ready, told in Argo CD's words.
-- What somebody paused, stopped or holds is Suspended: no fault, and no reason to wait.
local chosen = { Paused = true, Stopped = true, Held = true }

if obj.metadata ~= nil and obj.metadata.deletionTimestamp ~= nil then
  return { status = "Progressing", message = "It is being deleted" }
end
if obj.status == nil or obj.status.conditions == nil then
  return { status = "Progressing", message = "The operator has not looked at it yet" }
end
local seen, wanted = obj.status.observedGeneration, obj.metadata.generation
if seen ~= nil and wanted ~= nil and seen ~= wanted then
  return { status = "Progressing", message = "The operator has not looked at this generation yet" }
end

local found = {}
for _, condition in ipairs(obj.status.conditions) do
  found[condition.type] = condition
end
local ready = found.Ready
if ready == nil then
  return { status = "Progressing", message = "The operator has not judged it yet" }
end
if ready.status == "True" then
  local degraded = found.Degraded
  if degraded ~= nil and degraded.status == "True" then
    return { status = "Healthy", message = degraded.reason .. ": " .. degraded.message }
  end
  return { status = "Healthy", message = ready.message }
end

local message = ready.reason .. ": " .. ready.message
if chosen[ready.reason] then
  return { status = "Suspended", message = message }
end
if ready.status == "Unknown" or found.Reconciling ~= nil and found.Reconciling.status == "True" then
  return { status = "Progressing", message = message }
end
return { status = "Degraded", message = message }
