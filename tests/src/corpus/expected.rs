//! What is known to be refused, or to come back otherwise, and why. A name stands for all that begins with it.

/// A reason, and the names that it holds of.
pub type Known = (&'static str, &'static [&'static str]);

/// Contracts that the generator refuses, for reasons that the standards back.
pub const REFUSED: &[Known] = &[
    (
        "all that it has is bound to MIME parts (WSDL 1.1, 5), which are passed over",
        &[
            "conformance/apache+cxf/testutils/src/main/resources/wsdl/no_body_parts.wsdl",
            "conformance/apache+cxf/tools/wsdlto/test/src/test/resources/wsdl2java_wsdl/hello-mime.wsdl",
        ],
    ),
    (
        "all that it has is bound with use encoded, which WS-I Basic Profile 1.1 forbids (R2706)",
        &[
            "conformance/minefyre+PHP/ext/soap/tests/bugs/bug37083.wsdl",
            "conformance/minefyre+PHP/ext/soap/tests/bugs/bug42692.wsdl",
            "conformance/minefyre+PHP/ext/soap/tests/interop/Round2/GroupB/round2_groupB.wsdl",
            "conformance/minefyre+PHP/ext/soap/tests/interop/Round3/GroupD/round3_groupD_import2.wsdl",
            "conformance/minefyre+PHP/ext/soap/tests/interop/Round3/GroupD/round3_groupD_import3.wsdl",
            "conformance/phpro+soap-client/test/fixtures/wsdl/functional/duplicate-typenames.wsdl",
            "conformance/vpulim+node-soap/test/request-response-samples/Message__Messages_suffixed_with_In_Out/soap.wsdl",
            "node-soap-samples/Login__unsupported_response_name_returned_and_local_xs_schema_missed/soap.wsdl",
            "node-soap-samples/Message__Messages_suffixed_with_In_Out/soap.wsdl",
            "node-soap-samples/Message__Messages_suffixed_with_Input_Output/soap.wsdl",
            "node-soap-samples/Message__Messages_suffixed_with_Request_Response/soap.wsdl",
            "node-soap-samples/Message__overriding_namespace_prefix/soap.wsdl",
            "node-soap-samples/NoParams__add_correct_namespace_for_operations_without_parameters/soap.wsdl",
            "node-soap-samples/getAttachments__should_handle_MTOM_response/soap.wsdl",
            "node-soap-samples/getAttachments__should_handle_not_MTOM_response/soap.wsdl",
            "node-soap-samples/multiCall__rpc_stype_request_xsi_attributes/soap.wsdl",
        ],
    ),
    (
        "no element `{http://www.springframework.org/spring-ws/wsdl/definitions}request` is declared (WSDL 1.1, 2.3.1)",
        &[
            "conformance/spring-projects+spring-ws/spring-ws-core/src/test/resources/org/springframework/ws/wsdl/wsdl11/abstract.wsdl",
            "conformance/spring-projects+spring-ws/spring-ws-core/src/test/resources/org/springframework/ws/wsdl/wsdl11/concrete.wsdl",
        ],
    ),
    (
        "no element `{http://ws.gematik.de/conn/EventService/v7.2}SubscribeResponse` is declared (WSDL 1.1, 2.3.1)",
        &[
            "conformance/vpulim+node-soap/test/request-response-samples/GetSubscription__should_handle_ref_minOccurs_and_maxOccurs/soap.wsdl",
            "node-soap-samples/GetSubscription__should_handle_ref_minOccurs_and_maxOccurs/soap.wsdl",
        ],
    ),
    (
        "`xs:simpletype` is no element of XML Schema (XSD 1.0 Part 1, appendix A)",
        &[
            "node-soap-samples/Dummy__ref_element_should_have_correct_namespace/soap.wsdl",
            "node-soap-samples/Dummy__ref_element_should_have_correct_namespace_with_overrideElementKey/soap.wsdl",
        ],
    ),
    (
        "it is not well-formed: the prefix `soap12` is not declared (Namespaces in XML 1.0, 5)",
        &["node-soap-samples/Dummy__should_use_defined_xml_key_in_first_level_for_rpc/soap.wsdl"],
    ),
    (
        "no type `{http://tempuri.org/Service/Pricing.Request.FareQuote}RetrieveFareQuoteByDateRange` is declared (XSD 1.0 Part 1, 3.15.3, src-resolve)",
        &[
            "node-soap-samples/RetrieveFareQuoteDateRange__should_handle_child_namespaces/childs/childxs0.wsdl",
        ],
    ),
    (
        "no type `{http://tempuri.org/Service/Request}TransactionInfo` is declared (XSD 1.0 Part 1, 3.15.3, src-resolve)",
        &[
            "node-soap-samples/RetrieveFareQuoteDateRange__should_handle_child_namespaces/childs/childxs7.wsdl",
        ],
    ),
    (
        "no type `{http://tempuri.org/Service/Request}BaseFareChargeInfo` is declared (XSD 1.0 Part 1, 3.15.3, src-resolve)",
        &[
            "node-soap-samples/RetrieveFareQuoteDateRange__should_handle_child_namespaces/childs/childxs9.wsdl",
        ],
    ),
    (
        "no type `{http://tempuri.org/Service/Pricing.Request}Enums.FareFilterMethodType` is declared (XSD 1.0 Part 1, 3.15.3, src-resolve)",
        &["node-soap-samples/RetrieveFareQuoteDateRange__should_handle_child_namespaces/soap.wsdl"],
    ),
    (
        "no element `{http://www.bigdatacollect.or/Name/Types}SetResourceResponse` is declared (WSDL 1.1, 2.3.1)",
        &[
            "node-soap-samples/SetResource__should_correctly_set_element_if_complex-type_has_same_name/soap.wsdl",
        ],
    ),
    (
        "no type `{urn:types.faults_2013_2.platform.webservices.netsuite.com}StatusDetailCodeType` is declared (XSD 1.0 Part 1, 3.15.3, src-resolve)",
        &[
            "node-soap-samples/addList__complex_extension_namespace_for_arrays/soap.wsdl",
            "node-soap-samples/get__complex_extension_with_explicit_namespace/soap.wsdl",
            "node-soap-samples/get__complex_extension_without_explicit_namespace/soap.wsdl",
            "node-soap-samples/login__attributes_in_request_should_be_handled/soap.wsdl",
            "node-soap-samples/login__attributes_namespace_should_be_configurable/soap.wsdl",
            "node-soap-samples/login__complex_schema_xmlns_should_be_handled/soap.wsdl",
            "node-soap-samples/login__error_returned_should_contain_root_Json_on_fault/soap.wsdl",
            "node-soap-samples/update__complex_extension_fields_in_parent_without_explicit_namespace/soap.wsdl",
            "node-soap-samples/update__complex_extension_with_array_attributes/soap.wsdl",
        ],
    ),
    (
        "the prefix of `xs:string` is not declared (XSD 1.0 Part 1, 3.15.3, src-resolve)",
        &["node-soap-samples/addPets__force_namespaces/soap.wsdl"],
    ),
    (
        "it is not well-formed: the prefix `xmime` is not declared (Namespaces in XML 1.0, 5)",
        &["node-soap-samples/attachments__should_send_binary_data/soap.wsdl"],
    ),
    (
        "no type `{http://3e.pl/ADInterface}DataField` is declared (XSD 1.0 Part 1, 3.15.3, src-resolve)",
        &["node-soap-samples/createData__should_generate_complex_type_request/soap.wsdl"],
    ),
    (
        "the prefix of `auth:doItSOAP` is not declared (XSD 1.0 Part 1, 3.15.3, src-resolve)",
        &[
            "node-soap-samples/getAvailability__should_not_fail_without_children/imported.wsdl",
            "node-soap-samples/getAvailability__should_not_fail_without_children/soap.wsdl",
        ],
    ),
    (
        "no type `{urn:core_2013_2.platform.webservices.netsuite.com}Passport` is declared (XSD 1.0 Part 1, 3.15.3, src-resolve)",
        &[
            "node-soap-samples/login__complex_schema_xmlns_with_array_and_any_type_and_other_types/soap.wsdl",
        ],
    ),
    (
        "no element `{http://soap.sforce.com/2006/04/metadata}SessionHeader` is declared (WSDL 1.1, 2.3.1)",
        &[
            "node-soap-samples/readMetadata__should_respect_xsi_type_attribute/soap.wsdl",
            "node-soap-samples/readMetadata__should_support_XMLSchema_Instance_override/soap.wsdl",
        ],
    ),
    (
        "no element `{http://x-road.eu/xsd/xroad.xsd}issue` is declared (WSDL 1.1, 2.3.1)",
        &["nordic/vrk-kpa+xroad-catalog/xroad-catalog-lister/src/main/resources/services.wsdl"],
    ),
    (
        "no type `{http://www.Dummy.com/Common/Types}DummyResult` is declared (XSD 1.0 Part 1, 3.15.3, src-resolve)",
        &[
            "node-soap-samples/Dummy__should_preserve_leading_and_trailing_whitespace_when_preserveWhitespace_is_true/soap.wsdl",
            "node-soap-samples/Dummy__should_remove_leading_and_trailing_whitespace_by_default/soap.wsdl",
        ],
    ),
    (
        "no type `{http://www.Dummy.com/Name/Types}requestType` is declared (XSD 1.0 Part 1, 3.15.3, src-resolve)",
        &["node-soap-samples/Dummy__should_work_with_imported_schemas_that_have_aliases/soap.wsdl"],
    ),
];

/// Messages that emitted code refuses, since they are not valid under the schemas of their contracts.
pub const INVALID: &[Known] = &[
    (
        "`byte` and `dateTime` are required and missing",
        &["node-soap-samples/Dummy__should_deserialize_basic_types/response.xml"],
    ),
    (
        "elements of a schema with unqualified local ones are qualified",
        &["node-soap-samples/Dummy__should_handle_inline_types/response.xml"],
    ),
    (
        "not well-formed: a name with two colons",
        &[
            "node-soap-samples/GET_DATA__should_work_with_more_deeply_nested_XML_messages_and_without_security/request.xml",
        ],
    ),
    (
        "`SupplierId` is required and missing; the response lacks `GetItemInformationResult`",
        &["node-soap-samples/GetItemInformation__should_ignore_default_namespace_from_schema/"],
    ),
    (
        "an element that `xs:any` requires is missing; the ids of the response are shorter than their length says",
        &["node-soap-samples/IndienenBericht__should_work_with_deeply_nested_XML_messages/"],
    ),
    (
        "what a strict wildcard lets in is declared nowhere in the contract (XSD 1.0 Part 1, 3.10.4)",
        &[
            "node-soap-samples/GetAccountXml__non_xmlns_attributes_should_be_returned/response.xml",
            "w3c-databinding/databinding/examples/6/09/AnyAttributeOtherStrict/",
            "w3c-databinding/databinding/examples/6/09/ExtendedSequenceStrictOther/",
        ],
    ),
    (
        "text stands right in the SOAP header, which has elements alone (SOAP 1.1, 4.2)",
        &[
            "node-soap-samples/RequestHeaders__propogate_custom_header/request.xml",
            "node-soap-samples/ResponseHeaders__return_soap_headers/request.xml",
        ],
    ),
    (
        "`retrieveCustomerDetailsInput` is required and missing",
        &[
            "node-soap-samples/RetrieveCustomerDetails__returning_a_date_should_parse_the_date/request.xml",
        ],
    ),
    (
        "`TestResponse` is in no namespace, and declared in one",
        &[
            "node-soap-samples/SendCDATA__cdata_is_handled_correctly/response.xml",
            "node-soap-samples/SendCDATA__cdata_preserves_leading_and_trailing_whitespace_when_preserveWhitespace_option_is_true/response.xml",
            "node-soap-samples/SendCDATA__cdata_removes_leading_and_trailing_whitespace_by_default/response.xml",
        ],
    ),
    (
        "`Phones` comes after `Addresses`, and is declared before",
        &[
            "node-soap-samples/UpdateProfile__correct_namespaces_for_elements_with_base/request.xml",
            "node-soap-samples/UpdateProfile__correct_ns_context/request.xml",
        ],
    ),
    (
        "`UniqueID` and `AddressLine` are in the namespace of another schema",
        &[
            "node-soap-samples/UpdateProfile__correct_namespaces_for_elements_with_base_ignorednamespaces/request.xml",
        ],
    ),
    (
        "`PhoneData` is required and missing",
        &[
            "node-soap-samples/UpdateProfile__correct_namespaces_in_sequence_with_imports/request.xml",
            "node-soap-samples/UpdateProfile__correct_namespaces_other_prefixes/request.xml",
        ],
    ),
    (
        "the wrapper of style rpc is in no namespace, since the binding names none (WSDL 1.1, 3.5)",
        &["node-soap-samples/addPrefix__should_add_namespace_on_output_message/request.xml"],
    ),
    (
        "the boolean `IgnoreDup` is empty; the response is in the namespace of SOAP",
        &["node-soap-samples/administrate__Complex_json_object_namespace_issue/"],
    ),
    (
        "`execFileResponse` is not declared",
        &[
            "node-soap-samples/execFile__valid_xml_generated_on_request_with_complex_type_element_form_default_missing/response.xml",
            "node-soap-samples/execFile__valid_xml_generated_on_request_with_complex_type_element_form_default_qualified/response.xml",
            "node-soap-samples/execFile__valid_xml_generated_on_request_with_complex_type_element_form_default_unqualified/response.xml",
        ],
    ),
    (
        "`Request1` is in no namespace, and declared in one; the response is not well-formed",
        &["node-soap-samples/fooOp__should_return_back_good_response_object/"],
    ),
    (
        "it is no envelope",
        &["node-soap-samples/getAppointmentNumber__should_be_able_to_parse_response/response.xml"],
    ),
    (
        "`Body` is not declared",
        &[
            "node-soap-samples/getMessage__does_not_use_schema_xmlns/request.xml",
            "node-soap-samples/getMessage__force_use_schema_xmlns/request.xml",
        ],
    ),
    (
        "the declaration that it needs is taken out of the WSDL (`<!-- <xs:element ref=…/> -->`), so that its element is of no schema",
        &[
            "w3c-databinding/databinding/examples/6/09/BlockDefault/",
            "w3c-databinding/databinding/examples/6/09/FinalDefault/",
            "w3c-databinding/databinding/examples/6/09/NoTargetNamespace/",
            "w3c-databinding/databinding/examples/6/09/QualifiedLocalAttributes/",
            "w3c-databinding/databinding/examples/6/09/QualifiedLocalElements/",
            "w3c-databinding/databinding/examples/6/09/SOAPEncodedArray/",
            "w3c-databinding/databinding/examples/6/09/SchemaVersion/",
            "w3c-databinding/databinding/examples/6/09/TargetNamespace/",
            "w3c-databinding/databinding/examples/6/09/UnqualifiedLocalAttributes/",
            "w3c-databinding/databinding/examples/6/09/UnqualifiedLocalElements/",
        ],
    ),
    (
        "`name` is an xs:string and has the attribute `gender`, which its parent declares",
        &["w3c-databinding/databinding/examples/6/09/ComplexTypeAttributeExtension/"],
    ),
    (
        "an offset is 14 hours at most (XSD 1.0 Part 2, 3.2.7.3), here it is 15",
        &[
            "w3c-databinding/databinding/examples/6/09/GMonthAttribute/echoGMonthAttribute-GMonthAttribute04",
        ],
    ),
    (
        "a global attribute is in the target namespace (XSD 1.0 Part 1, 3.2.2), the message has it in none",
        &[
            "w3c-databinding/databinding/examples/6/09/GlobalAttribute/",
            "w3c-databinding/databinding/examples/6/09/GlobalAttributeSimpleType/",
            "w3c-databinding/databinding/examples/6/09/GlobalAttributeUnqualifiedType/",
        ],
    ),
    (
        "xsi:nil stands on an element that is not nillable (XSD 1.0 Part 1, 3.3.4, cvc-elt.3.1)",
        &[
            "node-soap-samples/Dummy__should_escape_xml/",
            "node-soap-samples/Dummy__should_handle_nil/response.xml",
            "node-soap-samples/Dummy__should_handle_nil_as_null/response.xml",
            "node-soap-samples/Dummy__should_handle_nil_false/response.xml",
            "node-soap-samples/Dummy__should_parse_nil/",
        ],
    ),
    (
        "the attribute `language` is not declared; the response of the first is in a namespace, and declared in none",
        &[
            "node-soap-samples/Dummy__should_add_prefix_for_unqualified_global_elements/",
            "node-soap-samples/Dummy__should_handle_attributes_in_request/request.xml",
        ],
    ),
    (
        "text follows the envelope",
        &["node-soap-samples/Dummy__should_extract_envelope_from_response/response.xml"],
    ),
    (
        "`DummyAccount` is not declared there",
        &[
            "node-soap-samples/Dummy__should_ignore_custom_defined_namespaces/request.xml",
            "node-soap-samples/Dummy__should_ignore_defined_namespaces/request.xml",
            "node-soap-samples/Dummy__should_use_defined_value_key/request.xml",
        ],
    ),
    (
        "an element stands in a string",
        &["node-soap-samples/Dummy__should_use_defined_xml_key/request.xml"],
    ),
];

/// Messages that come back otherwise, and say the same.
pub const CHANGED: &[Known] = &[
    (
        "the default is filled in (XSD 1.0 Part 1, 3.4.4 and 3.3.4)",
        &[
            "w3c-databinding/databinding/examples/6/09/AttributeDefault/echoAttributeDefault-AttributeDefault01",
            "w3c-databinding/databinding/examples/6/09/GlobalElementDefault/echoGlobalElementDefault-GlobalElementDefault01",
        ],
    ),
    (
        "the children of an xs:all come in the order of the schema; any order says the same (XSD 1.0 Part 1, 3.8.1)",
        &[
            "w3c-databinding/databinding/examples/6/09/ComplexTypeAll/",
            "w3c-databinding/databinding/examples/6/09/GlobalElementAll/echoGlobalElementAll-GlobalElementAll02",
        ],
    ),
];
