-- What Kong's control plane does with cluster_ocsp, with the same library and in the
-- same order (kong/clustering/tls.lua): the chain as it was presented, the responder
-- that the leaf names, the request, the answer by HTTP POST, and what is made of it.
local ffi = require "ffi"
local base = require "resty.core.base"
local ssl = require "ngx.ssl"
local ocsp = require "ngx.ocsp"

ffi.cdef [[
void *ngx_http_lua_ffi_get_req_ssl_pointer(ngx_http_request_t *r, const char **err);
void *SSL_get1_peer_certificate(const void *connection);
void *SSL_get_peer_cert_chain(const void *connection);
int OPENSSL_sk_num(const void *stack);
void *OPENSSL_sk_value(const void *stack, int index);
int i2d_X509(const void *certificate, unsigned char **out);
void X509_free(void *certificate);
]]

local function der(certificate)
  local size = ffi.C.i2d_X509(certificate, nil)
  local text = ffi.new("unsigned char[?]", size)
  ffi.C.i2d_X509(certificate, ffi.new("unsigned char *[1]", text))
  return ffi.string(text, size)
end

-- The leaf, and behind it what came with it.
local function presented()
  local connection = ffi.C.ngx_http_lua_ffi_get_req_ssl_pointer(base.get_request(), ffi.new("const char *[1]"))
  local leaf = ffi.C.SSL_get1_peer_certificate(connection)
  local all = { der(leaf) }
  ffi.C.X509_free(leaf)
  local above = ffi.C.SSL_get_peer_cert_chain(connection)
  for i = 0, ffi.C.OPENSSL_sk_num(above) - 1 do
    all[#all + 1] = der(ffi.C.OPENSSL_sk_value(above, i))
  end
  return table.concat(all)
end

local function post(url, body)
  local host, port, path = url:match("^http://([^:/]+):?(%d*)(.*)$")
  local socket = ngx.socket.tcp()
  socket:settimeout(10000)
  local ok, err = socket:connect(host, tonumber(port) or 80)
  if not ok then
    return nil, err
  end
  socket:send("POST " .. (path == "" and "/" or path) .. " HTTP/1.0\r\nHost: " .. host ..
    "\r\nContent-Type: application/ocsp-request\r\nContent-Length: " .. #body .. "\r\n\r\n" .. body)
  local answer = socket:receive("*a") or ""
  socket:close()
  return { status = tonumber(answer:match("^HTTP/%S+ (%d+)")), body = answer:match("\r\n\r\n(.*)$") or "" }
end

-- true for good, false for an answer that is not good, nil where there is none.
local function status()
  local chain = presented()
  local url, err = ocsp.get_ocsp_responder_from_der_chain(chain)
  if not url then
    return nil, err or "OCSP responder endpoint can not be determined, maybe the client certificate is missing the required extensions"
  end
  local request
  request, err = ocsp.create_ocsp_request(chain)
  if not request then
    return nil, "failed to create OCSP request: " .. err
  end
  local answer
  answer, err = post(url, request)
  if not answer then
    return nil, "failed to send request to OCSP responder: " .. err
  elseif answer.status ~= 200 then
    return nil, "OCSP responder returns bad HTTP status code: " .. tostring(answer.status)
  elseif answer.body == "" then
    return nil, "unexpected response from OCSP responder: empty body"
  end
  local good
  good, err = ocsp.validate_ocsp_response(answer.body, chain)
  if not good then
    return false, "failed to validate OCSP response: " .. err
  end
  return true
end

local good, err = status()
if good == false then
  ngx.log(ngx.ERR, "[clustering] data plane client certificate was revoked: ", err)
elseif not good then
  ngx.log(ngx.ERR, "[clustering] data plane client certificate revocation check failed: ", err)
end
ngx.log(ngx.ERR, "judged")
if good or good == nil and ngx.var.cluster_ocsp == "optional" then
  return ngx.say("well")
end
return ngx.exit(403)
