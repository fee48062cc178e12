#pragma once
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/kdf.h>
#include <openssl/param_build.h>
#include <openssl/params.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

/* A composed macro, which Swift does not import. */
static const int evp_pkey_keypair = EVP_PKEY_KEYPAIR;

/* A parameter keeps the places of its name and its text and copies neither. Swift would pass the name as a text that
   ends with the call, so it stays on this side. text: borrowed as long as the parameter is used. */
static inline OSSL_PARAM openssl_digest_parameter(char *text) {
    return OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, text, 0);
}
