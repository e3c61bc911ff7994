// Generated from openapi/qbraid.yaml by `npm run generate`: do not edit.

export interface paths {
    "/jobs/{job_qrn}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read one job */
        get: operations["getJob"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/jobs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the jobs of the caller, page by page
         * @description The order is not documented; newest first is what to expect.
         */
        get: operations["listJobs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/jobs/statuses": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Count the jobs of the caller by status */
        get: operations["countJobs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/jobs/{job_qrn}/result": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read what a job measured */
        get: operations["getJobResult"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/jobs/{job_qrn}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Ask for a job to be cancelled
         * @description The request has no body. The job is cancelled a while after the answer.
         */
        post: operations["cancelJob"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/devices/{device_qrn}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Read one device */
        get: operations["getDevice"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        GetJobResponse: {
            success: boolean;
            data: components["schemas"]["RuntimeJob"];
        };
        ListJobsResponse: {
            success: boolean;
            data: components["schemas"]["RuntimeJob"][];
            pagination: components["schemas"]["Pagination"];
            meta: {
                /**
                 * Format: date-time
                 * @description When the qBraid API answered.
                 */
                timestamp: string;
            };
        };
        JobCountsResponse: {
            success: boolean;
            data: components["schemas"]["JobCounts"];
        };
        /** @description The number of jobs by status. Documented with all ten statuses; others may be added. */
        JobCounts: {
            [key: string]: number;
        };
        JobResultResponse: {
            success: boolean;
            data: components["schemas"]["JobResult"];
        };
        JobResult: {
            /** @description Where the job stands. */
            status: components["schemas"]["JobStatus"] | string;
            /** @description What the job did cost, in credits. Decimal text has been seen. */
            cost?: number | string | null;
            timeStamps?: components["schemas"]["TimeStamps"] | null;
            resultData: components["schemas"]["ResultData"];
        };
        /** @description What was measured. Its shape depends on the kind of the program; counts are the common part. */
        ResultData: {
            /** @description The counts of the job's circuit, or a list with the counts of each circuit where it has several. */
            measurementCounts?: components["schemas"]["MeasurementCounts"] | components["schemas"]["MeasurementCounts"][];
        } & {
            [key: string]: unknown;
        };
        /** @description How often each outcome was measured, such as `{"00": 7, "11": 3}`. */
        MeasurementCounts: {
            [key: string]: number;
        };
        CancelJobResponse: {
            success: boolean;
            data: components["schemas"]["Cancellation"];
        };
        Cancellation: {
            /** @description What will happen, for people. */
            message: string;
            jobQrn: string;
            /** @description Where the job stands now. */
            status: components["schemas"]["JobStatus"] | string;
        };
        GetDeviceResponse: {
            success: boolean;
            data: components["schemas"]["DeviceDetails"];
        };
        Pagination: {
            page: number;
            limit: number;
            /** @description How many jobs match the filter, over all pages. */
            total: number;
            totalPages: number;
            hasNext: boolean;
            hasPrev: boolean;
        };
        /** @description One job. The live qBraid API may send internal fields besides (`organizationUserId`, `deviceId`, `providerId`, `gcsDestination`), which are nobody's business. */
        RuntimeJob: {
            /** @description The resource name of the job, such as `qbraid:job:abc123xyz`. */
            jobQrn: string;
            /** @description What the author called the job. */
            name?: string | null;
            /** @description How often the program runs. Documented as positive; 0 and null have been seen. */
            shots: number | null;
            /** @description How many circuits the job holds. Live API only. */
            numCircuits?: number;
            /** @description The resource name of the device, as `vendor:provider:sim|qpu:name`. */
            deviceQrn: string;
            device?: components["schemas"]["Device"];
            /** @description Who sells the device time. */
            vendor: components["schemas"]["Vendor"] | string;
            /** @description Who runs the device. */
            provider: components["schemas"]["Provider"] | string;
            /** @description What kind of program the job runs, such as `gate_model`. */
            experimentType: string;
            /** @description Labels from the author. */
            tags?: {
                [key: string]: components["schemas"]["TagValue"];
            };
            /** @description Options from the submission. */
            runtimeOptions?: {
                [key: string]: unknown;
            };
            /** @description Whatever else was recorded. */
            metadata?: {
                [key: string]: unknown;
            };
            /** @description The resource name of the batch that the job is a part of. */
            batchJobQrn?: string | null;
            /** @description The newer name of `batchJobQrn`. Live API only. */
            groupJobQrn?: string | null;
            /** @description Where the job stands. */
            status: components["schemas"]["JobStatus"] | string;
            /** @description What there is to say about the status. */
            statusMsg?: string | null;
            /** @description How many jobs stand in front of this one. */
            queuePosition?: number | null;
            timeStamps?: components["schemas"]["TimeStamps"] | null;
            /**
             * Format: date-time
             * @description When the job was created. Live API only; unlike `timeStamps.createdAt`, it does not move.
             */
            createdAt?: string;
            /**
             * Format: date-time
             * @description When the job last changed. Live API only.
             */
            updatedAt?: string;
            /** @description What is set aside at submission, in credits (100 credits = 1 US dollar). */
            estimatedCost: number | null;
            /** @description What the job did cost, in credits. Written when it ends; 0 if it failed or was cancelled. */
            cost?: number | null;
        };
        TimeStamps: {
            /**
             * Format: date-time
             * @description When the job was created. Moves while a job of the live API runs.
             */
            createdAt: string;
            /**
             * Format: date-time
             * @description When the job ended.
             */
            endedAt?: string | null;
            /** @description How long the job ran, in milliseconds. */
            executionDuration?: number | null;
        };
        /** @description The device of a job, as the job has it. Live API only. */
        Device: {
            qrn?: string;
            name?: string;
            deviceType?: string;
            vendor?: string;
            status?: string;
        };
        /** @description A device, as its own route has it. */
        DeviceDetails: {
            /** @description The resource name of the device, as `vendor:provider:sim|qpu:name`. */
            qrn?: string;
            name: string;
            /** @description Whether it is a machine or a simulator, such as `QPU`. */
            deviceType?: string;
            vendor?: string;
            /** @description Whether it takes jobs, such as `ONLINE`. */
            status: string;
            /** @description What there is to say about the status. */
            statusMsg?: string | null;
            /** @description How many jobs wait for the device. */
            queueDepth?: number | null;
            /** @description How long jobs wait on average. The unit is not documented. */
            avgQueueTime?: number | null;
            pricing?: components["schemas"]["DevicePricing"] | null;
        };
        /** @description What the device costs, in credits (100 credits = 1 US dollar). */
        DevicePricing: {
            perTask?: number | null;
            perShot?: number | null;
            perMinute?: number | null;
        };
        TagValue: string | number | boolean;
        /**
         * @description The documented statuses. COMPLETED, FAILED and CANCELLED are terminal; HOLD does not change by waiting.
         * @enum {string}
         */
        JobStatus: "INITIALIZING" | "QUEUED" | "VALIDATING" | "RUNNING" | "CANCELLING" | "CANCELLED" | "COMPLETED" | "FAILED" | "UNKNOWN" | "HOLD";
        /**
         * @description The documented vendors.
         * @enum {string}
         */
        Vendor: "aws" | "azure" | "ibm" | "ionq" | "qbraid";
        /**
         * @description The documented providers.
         * @enum {string}
         */
        Provider: "aqt" | "aws" | "azure" | "equal1" | "ibm" | "iqm" | "ionq" | "nec" | "oqc" | "pasqal" | "quantinuum" | "quera" | "rigetti" | "qbraid";
        Error: components["schemas"]["DetailError"] | components["schemas"]["EnvelopeError"];
        /** @description An error, as documented. */
        DetailError: {
            detail: string;
        };
        /** @description Refused parameters, as documented. */
        ValidationError: {
            detail: components["schemas"]["ValidationFault"][];
        };
        ValidationFault: {
            /** @description The way to the value, such as `[query, limit]`. */
            loc: (string | number)[];
            /** @description What is wrong, for people. */
            msg: string;
            /** @description What is wrong, for programs. */
            type: string;
        };
        /** @description An error, as the live qBraid API sends it. A 401 carries more in `error` than is named here: the surroundings of its authentication, which are not for clients. */
        EnvelopeError: {
            /** @constant */
            success: false;
            message: string;
            error: {
                message: string;
                /** @description Such as `NOT_FOUND`, `INVALID_API_KEY_FORMAT`, `INVALID_API_KEY` or `NO_VALID_AUTHENTICATION`. */
                code: string;
                /** @description What the support of qBraid asks for. */
                requestId?: string;
            };
        };
    };
    responses: {
        /** @description No key was sent, or the qBraid API does not know it. */
        Unauthenticated: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Error"];
            };
        };
        /** @description A parameter is out of its range. */
        Invalid: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["ValidationError"] | components["schemas"]["EnvelopeError"];
            };
        };
        /** @description The user's requests are spent. Neither this body nor `Retry-After` is documented. */
        RateLimited: {
            headers: {
                /** @description In how many seconds to try again. */
                "Retry-After"?: number;
                [name: string]: unknown;
            };
            content: {
                "application/json": components["schemas"]["Error"];
            };
        };
    };
    parameters: {
        /** @description The resource name of the job. */
        JobQrn: string;
    };
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    getJob: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The resource name of the job. */
                job_qrn: components["parameters"]["JobQrn"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The job. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["GetJobResponse"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            /** @description The job belongs to somebody else. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description No job has this name. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            422: components["responses"]["Invalid"];
            429: components["responses"]["RateLimited"];
        };
    };
    listJobs: {
        parameters: {
            query?: {
                /** @description Only jobs of this vendor; `all` does not narrow the list. */
                vendor?: components["schemas"]["Vendor"] | "all";
                /** @description Only jobs of this provider. */
                provider?: string;
                /** @description Only jobs under way (`pending`) or only ended ones (`returned`); `all` does not narrow the list. */
                statusGroup?: "all" | "pending" | "returned";
                /** @description Only jobs with this status. Makes `statusGroup` meaningless. */
                status?: components["schemas"]["JobStatus"];
                /** @description Only jobs that match this keyword. */
                search?: string;
                /** @description Only jobs with all of these tags: a JSON object, as text. */
                tags?: string;
                /** @description Which page to read, counted from 1. */
                page?: number;
                /** @description How many jobs one page holds. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page of jobs. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ListJobsResponse"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["RateLimited"];
        };
    };
    countJobs: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The number of jobs with each status. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobCountsResponse"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            429: components["responses"]["RateLimited"];
        };
    };
    getJobResult: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The resource name of the job. */
                job_qrn: components["parameters"]["JobQrn"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The result. It does not change any more. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobResultResponse"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            /** @description The job belongs to somebody else, or its result is withheld. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description No job has this name, or the job has ended without a result. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description The result is not ready yet. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            422: components["responses"]["Invalid"];
            429: components["responses"]["RateLimited"];
        };
    };
    cancelJob: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The resource name of the job. */
                job_qrn: components["parameters"]["JobQrn"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The job will be cancelled. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CancelJobResponse"] | components["schemas"]["Cancellation"];
                };
            };
            /** @description The job has ended. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            /** @description The job belongs to somebody else. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description No job has this name. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            /** @description The job cannot be cancelled in its present state, such as INITIALIZING. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            422: components["responses"]["Invalid"];
            429: components["responses"]["RateLimited"];
        };
    };
    getDevice: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The resource name of the device. */
                device_qrn: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The device. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["GetDeviceResponse"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            /** @description No device has this name. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Error"];
                };
            };
            422: components["responses"]["Invalid"];
            429: components["responses"]["RateLimited"];
        };
    };
}
